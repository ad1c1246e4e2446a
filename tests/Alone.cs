namespace GridServices.Testing;

/// <summary>Tests that watch the whole process run while no others do. Compiled into each test program: xunit looks for collections there.</summary>
[Xunit.CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
