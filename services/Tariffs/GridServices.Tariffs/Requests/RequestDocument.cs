using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Tariffs;

/// <summary>A request's JSON, guarded and opened; whatever goes wrong inside ends as refusals with pointers, never as an exception.</summary>
internal static class RequestDocument
{
    public const int MostBytes = 16 * 1024 * 1024;
    private const int MostTokens = 4_000_000;

    /// <param name="json">The body.</param>
    /// <param name="shape">The record that says which members there are, at every depth.</param>
    /// <param name="read">Builds the request; called only where the form is right.</param>
    public static ReadOutcome<T> Read<T>(ReadOnlyMemory<byte> json, Type shape, Func<JsonMember, ReadProblems, T?> read)
        where T : class
    {
        if (JsonGuard.Check(json.Span, MostTokens, MostBytes) is { } refusal)
        {
            return ReadOutcome<T>.Refused(refusal);
        }

        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonGuard.MostDepth + 2 });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return ReadOutcome<T>.Refused(new ReadError(ErrorClass.SchemaInvalid, "/", "a request is a JSON object"));
        }

        var problems = new ReadProblems();
        if (!DocumentShape.Fits(document.RootElement, shape, string.Empty, problems))
        {
            return new ReadOutcome<T>(null, problems.Refusals, problems.Warnings);
        }

        try
        {
            var value = read(new JsonMember(document.RootElement, string.Empty, problems), problems);
            return new ReadOutcome<T>(problems.Any ? null : value, problems.Refusals, problems.Warnings);
        }
        catch (JsonException e)
        {
            return ReadOutcome<T>.Refused(TariffJson.Explain(e));
        }
        catch (Exception e) when (e is BillRefusedException or ArgumentException or OverflowException)
        {
            return ReadOutcome<T>.Refused(new ReadError(ErrorClass.SemanticNumber, "/", e.Message));
        }
    }

    /// <summary>A member as one of our own records; what is wrong in it keeps its place in the request.</summary>
    public static T? Part<T>(this JsonMember holder, string name, ReadProblems problems)
        where T : class
    {
        if (holder.Member(name) is not { } part)
        {
            return null;
        }

        try
        {
            return part.Raw.Deserialize<T>(TariffJson.Options);
        }
        catch (JsonException e)
        {
            var refusal = TariffJson.Explain(e);
            problems.Refuse(refusal.Class, part.Pointer + refusal.Path.TrimEnd('/'), refusal.Detail);
            return null;
        }
    }

    /// <summary>The same for a member that must be there.</summary>
    public static T? Required<T>(this JsonMember holder, string name, string what, ReadProblems problems)
        where T : class
    {
        if (holder.Member(name) is null)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, $"{holder.Pointer}/{name}", $"missing: {what}");
            return null;
        }

        return holder.Part<T>(name, problems);
    }

    public static T Enum<T>(this JsonMember? holder, string name, T otherwise, ReadProblems problems)
        where T : struct, Enum
    {
        if (holder?.Member(name) is not { } word)
        {
            return otherwise;
        }

        var names = System.Enum.GetNames<T>();
        if (word.IsText && Array.Find(names, n => string.Equals(n, word.Text(), StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return System.Enum.Parse<T>(found);
        }

        problems.Refuse(ErrorClass.SemanticCode, word.Pointer, $"one of {string.Join(", ", names.Select(JsonNamingPolicy.CamelCase.ConvertName))} is wanted here");
        return otherwise;
    }
}
