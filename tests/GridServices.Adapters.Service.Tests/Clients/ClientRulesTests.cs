using GridServices.Testing;

namespace GridServices.Adapters.Service.Tests.Clients;

/// <summary>The clients in other languages keep the rules of the .NET SDK: the same scripts, the same examples of the contract, models that are generated.</summary>
public sealed class ClientRulesTests
{
    [Theory]
    [MemberData(nameof(ClientLanguage.All), MemberType = typeof(ClientLanguage))]
    public async Task The_scripts_of_the_SDK_and_the_examples_of_the_contract_hold(string language)
    {
        var (passed, said) = await ClientLanguage.TestAsync(language);
        Assert.True(passed, said);
    }

    [Fact]
    public async Task Models_and_schemas_are_what_the_contract_says()
    {
        var (passed, said) = await ClientLanguage.RunAsync(RepositoryFiles.Path("clients"), "python3", "-B", "generate.py", "--check");
        Assert.True(passed, said);
    }
}
