using GridServices.Operations.Enrollments;

namespace GridServices.Operations.Service.Console;

/// <summary>The step of the wizard at which a required action can be done.</summary>
internal static class WizardSteps
{
    /// <summary>Null: none of the steps does it; <c>site</c> is the site's own form.</summary>
    internal static string? Find(RequiredAction action) => action.Code switch
    {
        var code when code.StartsWith("connection.", StringComparison.Ordinal) => "site",
        var code when code.StartsWith("signature.", StringComparison.Ordinal) || code.StartsWith("signer.", StringComparison.Ordinal) => "sign",
        var code when code.StartsWith("identity.", StringComparison.Ordinal) || code.StartsWith("certificate", StringComparison.Ordinal) => "identity",
        var code when code.StartsWith("field.", StringComparison.Ordinal) || code.StartsWith("nomination.", StringComparison.Ordinal) || code.StartsWith("document.", StringComparison.Ordinal) => "details",
        _ when action.Pointer.StartsWith("/meterPointIds", StringComparison.Ordinal) => "meters",
        _ when action.Pointer.StartsWith("/identity", StringComparison.Ordinal) => "identity",
        _ when action.Pointer.StartsWith("/answers", StringComparison.Ordinal) => "details",
        _ => null,
    };
}
