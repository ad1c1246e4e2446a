using GridServices.Contracts;
using GridServices.Hosting.Refusals;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>What people write beside a choice.</summary>
internal static class ChoiceText
{
    private const int MostActor = 200;

    public static string? Reason(string? written) => string.IsNullOrWhiteSpace(written) ? null : SafeText.Line(written);

    /// <exception cref="ProblemException">SEMANTIC_TEXT: it is no name.</exception>
    public static string? Actor(string? written) =>
        string.IsNullOrWhiteSpace(written) ? null
        : Identifiers.IsPlainText(written, MostActor) ? written
        : throw new ProblemException(ErrorClass.SemanticText, $"actor is at most {MostActor} characters of plain text, e.g. a user's name.", "/actor");
}
