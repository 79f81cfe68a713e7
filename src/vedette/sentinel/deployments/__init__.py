"""`Microsoft.Resources/deployments`: templates carried out, resource by resource, with the rights of who deploys."""
