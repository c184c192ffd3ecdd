/** Express 4 under an alias; for what the tests use of it, Express 5's types hold. */
declare module "express4" {
  import express from "express";

  export default express;
}
