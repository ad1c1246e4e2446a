await Console.Error.WriteLineAsync("Nothing to simulate yet.");
return 1;
