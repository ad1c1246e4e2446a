using GridServices.Simulation;

return SimulationCommand.Run(args, Console.Out);
