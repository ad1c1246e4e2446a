namespace GridServices.UtilityClients.Engine;

/// <summary>The engine ended here before it was known whether its last commit happened.</summary>
internal sealed class OutcomeOpenException(Exception end) : OperationCanceledException("The engine ended here before it was known whether its last commit happened.", end);
