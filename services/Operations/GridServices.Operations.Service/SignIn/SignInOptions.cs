using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.SignIn;

/// <summary>Signing in at the console.</summary>
internal sealed record SignInOptions : ISettings
{
    public static string Section => "SignIn";

    /// <summary>The code that makes the first administrator, for starters that tell it themselves; unset: one is made, logged and written to `setup-code.txt` in the store's folder.</summary>
    public string? SetupCode { get; init; }

    public IEnumerable<string> Validate() => [];
}
