namespace GridServices.UtilityClients.Engine;

/// <summary>What a protocol's engines are called in the log and in answers.</summary>
/// <param name="Name">In a sentence: "VEN", "client".</param>
/// <param name="About">What a note's subject is called, before it; empty: nothing.</param>
/// <param name="Path">Where the API lists them: <c>/v1/vens</c>.</param>
/// <param name="KeyName">The API's parameter: <c>venKey</c>.</param>
public sealed record EngineNames(string Name, string About, string Path, string KeyName)
{
    /// <summary>At the start of a sentence.</summary>
    public string Title { get; } = char.ToUpperInvariant(Name[0]) + Name[1..];
}
