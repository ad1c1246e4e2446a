using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Requests;

/// <summary>A request's JSON, guarded and opened; whatever goes wrong inside ends as refusals with pointers, never as an exception.</summary>
internal static class RequestDocument
{
    public const int MostBytes = 16 * 1024 * 1024;
    private static readonly JsonBounds Bounds = TariffJson.Bounds with { MaxBytes = MostBytes, MaxTokens = 4_000_000 };
    private static readonly DocumentShape Shape = new(TariffJson.Options, ErrorClass.SchemaInvalid, ErrorClass.SemanticCode) { KindsOnly = true };

    /// <param name="json">The body.</param>
    /// <param name="shape">The record that says which members there are, at every depth.</param>
    /// <param name="read">Builds the request; called only where the form is right.</param>
    public static ReadResult<T> Read<T>(ReadOnlyMemory<byte> json, Type shape, Func<JsonMember, ReadProblems, T?> read)
        where T : class =>
        ReadProblems.Read(json, Bounds, (root, problems) =>
        {
            foreach (var difference in Shape.Faults(root.Raw, shape))
            {
                problems.Refuse(difference);
            }

            try
            {
                return problems.Any ? null : read(root, problems);
            }
            catch (JsonException e)
            {
                problems.Refuse(TariffJson.Shape.Explain(e));
            }
            catch (Exception e) when (e is BillRefusedException or ArgumentException or OverflowException)
            {
                problems.Refuse(ErrorClass.SemanticNumber, "/", e.Message);
            }

            return null;
        });

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

        word.Fail(ErrorClass.SemanticCode, null, Spelling.NotAmong(word.IsText ? word.Text() : null, SafeText.Short(word.Raw.GetRawText()), [.. names.Select(JsonNamingPolicy.CamelCase.ConvertName)]));
        return otherwise;
    }
}
