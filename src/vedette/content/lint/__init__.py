"""`vedette lint`: what is wrong, or costs more than it should, with content in files, said before it is deployed."""
