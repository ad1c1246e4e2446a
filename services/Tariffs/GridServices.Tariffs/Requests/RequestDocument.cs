using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;

namespace GridServices.Tariffs;

/// <summary>A request's JSON, guarded and opened; whatever goes wrong inside ends as refusals with pointers, never as an exception.</summary>
internal static class RequestDocument
{
    public const int MostBytes = 16 * 1024 * 1024;
    private static readonly JsonBounds Bounds = TariffJson.Bounds with { MaxBytes = MostBytes, MaxTokens = 4_000_000 };
    private static readonly DocumentShape Shape = new(TariffJson.Options, ErrorClass.SchemaInvalid, ErrorClass.SemanticCode) { KindsOnly = true };

    /// <param name="json">The body.</param>
    /// <param name="shape">The record that says which members there are, at every depth.</param>
    /// <param name="read">Builds the request; called only where the form is right.</param>
    public static ReadOutcome<T> Read<T>(ReadOnlyMemory<byte> json, Type shape, Func<JsonMember, ReadProblems, T?> read)
        where T : class
    {
        using var document = StrictJson.Open(json, Bounds, out var fault);
        if (document is null)
        {
            return ReadOutcome<T>.Refused(ReadProblems.Refusal(fault!));
        }

        var differences = Shape.Faults(document.RootElement, shape);
        if (differences.Count > 0)
        {
            return ReadOutcome<T>.Refused([.. differences.Select(ReadProblems.Refusal)]);
        }

        var problems = new ReadProblems();
        try
        {
            var value = read(problems.Root(document.RootElement), problems);
            return new ReadOutcome<T>(problems.Any ? null : value, problems.Refusals, problems.Warnings);
        }
        catch (JsonException e)
        {
            return ReadOutcome<T>.Refused(ReadProblems.Refusal(TariffJson.Shape.Explain(e)));
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
            var fault = TariffJson.Shape.Explain(e);
            problems.Refuse(fault.Class, part.Pointer + fault.Pointer, fault.Detail);
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
