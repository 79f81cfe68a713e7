// Stands in for a module that the worker imports and does not need.
export {};
