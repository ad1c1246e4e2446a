namespace GridServices.Operations.Console.Tests;

/// <summary>Tests that share the one browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    internal const string Name = "browser";
}
