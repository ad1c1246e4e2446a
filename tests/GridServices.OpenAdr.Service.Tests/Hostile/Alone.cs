namespace GridServices.OpenAdr.Service.Tests.Hostile;

/// <summary>Tests that watch the whole process run while no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
