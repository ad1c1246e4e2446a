using System.Text.Json;
using GridServices.Contracts.Json;

namespace GridServices.Contracts;

/// <summary>Reads a body as one object or an array of objects, bounded before anything is built of it.</summary>
internal static class JsonBody
{
    /// <summary>Far more members than any object of the contract has; keeps a hostile one from filling the memory.</summary>
    private static readonly JsonBounds Bounds = new(int.MaxValue) { MaxMembers = 1024 };

    // The shortest members of the contract, such as "at": and a value, have more bytes than this for each of their tokens.
    private const int BytesPerToken = 4;

    /// <summary>What is small is judged by its items.</summary>
    private const int LeastTokens = 50_000;

    public delegate T? ReadItem<out T>(ObjectReader item);

    public static BatchOutcome<T> ReadMany<T>(ReadOnlyMemory<byte> json, BodyLimits limits, ReadItem<T> read)
        where T : class
    {
        using var document = Parse(json, limits, out var refusal);
        if (document is null)
        {
            return new BatchOutcome<T>([], refusal, IsBatch: false);
        }

        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
        {
            var only = ReadOne(root, JsonPath.Root, read);
            return root.ValueKind == JsonValueKind.Object
                ? new BatchOutcome<T>([only], null, IsBatch: false)
                : new BatchOutcome<T>([], only.Problem, IsBatch: false);
        }

        if (root.GetArrayLength() > limits.MaxItems)
        {
            var detail = $"{root.GetArrayLength()} items; at most {limits.MaxItems} in one body, send the rest in further ones";
            return new BatchOutcome<T>([], Problems.Create(ErrorClass.LimitCount, detail), IsBatch: true);
        }

        var items = new List<ReadOutcome<T>>(root.GetArrayLength());
        foreach (var element in root.EnumerateArray())
        {
            items.Add(ReadOne(element, JsonPath.Root.Child(items.Count), read));
        }

        return new BatchOutcome<T>(items, null, IsBatch: true);
    }

    public static ReadOutcome<T> ReadSingle<T>(ReadOnlyMemory<byte> json, BodyLimits limits, ReadItem<T> read)
        where T : class
    {
        using var document = Parse(json, limits, out var refusal);
        return document is null ? ReadOutcome<T>.Refused(refusal!) : ReadOne(document.RootElement, JsonPath.Root, read);
    }

    private static ReadOutcome<T> ReadOne<T>(JsonElement element, JsonPath path, ReadItem<T> read)
        where T : class
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return ReadOutcome<T>.Refused(Refusal(new ConfigFault(ErrorClass.Malformed, path.ToString(), $"{JsonMember.DescribeKind(element.ValueKind)} is here; send a JSON object")));
        }

        // An item is refused for its first fault: more would not fit into its answer.
        var faults = new ConfigFaults(most: 1);
        var form = new JsonForm(Bounds).Check(element, path);
        var value = form is null ? read(new ObjectReader(element, path, faults)) : null;
        var id = FindId(element);
        return (form ?? (faults.Any ? faults.All[0] : null)) is { } fault ? ReadOutcome<T>.Refused(Refusal(fault), id)
            : ReadOutcome<T>.From(value!, id);
    }

    private static Problem Refusal(ConfigFault fault) => Problems.Create(fault.Class, fault.Detail, fault.Pointer);

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json, BodyLimits limits, out Problem? refusal)
    {
        var tokens = Math.Min(limits.MaxTokens, Math.Max(LeastTokens, json.Length / BytesPerToken));
        var document = StrictJson.Parse(json, Bounds with { MaxBytes = limits.MaxBytes, MaxTokens = tokens }, out var fault);
        refusal = fault is null ? null : Problems.Create(fault.Class, fault.Detail);
        return document;
    }

    private static string? FindId(JsonElement element)
    {
        try
        {
            return element.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { } text
                && Identifiers.IsPlainText(text, Identifiers.MaxLength) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the item is refused for it, and has no id that could be written.
            return null;
        }
    }
}
