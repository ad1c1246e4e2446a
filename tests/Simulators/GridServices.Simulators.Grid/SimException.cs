namespace GridServices.Simulators.Grid;

/// <summary>What the person asked for can't be done; the message says how to fix it.</summary>
public sealed class SimException(string message, Exception? inner = null) : Exception(message, inner);
