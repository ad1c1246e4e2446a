using GridServices.Fuzzing;

return FuzzCommand.Run(args, Console.Out);
