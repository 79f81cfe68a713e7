// The keys of the deployments.
import { listScope } from "~/keys/list";

export const DEPLOYMENTS = listScope("deployments", "Deployments", "deployment", [
  { keys: "n", action: "deployments.new", label: "Deploy a template" },
  { keys: "c", action: "deployments.cancel", label: "Cancel the deployment" },
]);
