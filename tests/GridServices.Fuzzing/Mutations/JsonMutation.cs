using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GridServices.Fuzzing.Mutations;

/// <summary>Changes JSON as a tree; members that are there twice and numbers beyond all types are put into the text.</summary>
internal static class JsonMutation
{
    private const string Marker = "\"~raw~\"";
    private static readonly string[] Raw = ["1e400", "-1e400", "0.1e-400", "123456789012345678901234567890", "01", "1.", "NaN", "\"\\ud800\"", "\"\\u0000\"", "{\"a\":1,\"a\":2}", "[,]", "/**/1", "'x'"];

    /// <summary>The changed document; null where the bytes are no JSON.</summary>
    public static byte[]? Apply(byte[] bytes, byte[] other, RandomSource random)
    {
        try
        {
            return Changed(bytes, other, random);
        }
        catch (InvalidOperationException)
        {
            // Text in it that is no UTF-8 shows only when it is looked at.
            return null;
        }
    }

    private static byte[]? Changed(byte[] bytes, byte[] other, RandomSource random)
    {
        if (Parse(bytes) is not { } root)
        {
            return null;
        }

        var box = new JsonArray(root);
        for (var n = 1 + random.Below(3); n > 0; n--)
        {
            Change(box, other, random);
        }

        var text = box[0]?.ToJsonString() ?? "null";
        if (random.Once(12))
        {
            text = Twice(text, random);
        }

        return Encoding.UTF8.GetBytes(text.Replace(Marker, random.Pick(Raw), StringComparison.Ordinal));
    }

    private static JsonNode? Parse(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }

    private static void Change(JsonArray box, byte[] other, RandomSource random)
    {
        var nodes = new List<JsonNode>();
        Collect(box, nodes, 0);
        switch (random.Pick(nodes))
        {
            case JsonObject { Count: > 0 } record:
                ChangeMember(record, other, random);
                break;
            case JsonArray { Count: > 0 } list when list != box || random.Once(4):
                ChangeItem(list, other, random);
                break;
        }
    }

    private static void ChangeMember(JsonObject record, byte[] other, RandomSource random)
    {
        var (name, value) = record.ToList()[random.Below(record.Count)];
        switch (random.Below(8))
        {
            case 0:
                record.Remove(name);
                break;
            case 1:
                record.Remove(name);
                record[random.Pick([name.ToUpperInvariant(), name + "x", string.Empty, "__proto__", "$type", "\u202E" + name])] = value?.DeepClone();
                break;
            case 2:
                record[name] = Piece(other, random);
                break;
            case 3:
                record[name] = Nested(value?.DeepClone(), random);
                break;
            case 4 when value is JsonArray { Count: > 0 } list:
                list.Add(list[random.Below(list.Count)]?.DeepClone());
                break;
            default:
                record[name] = Value(value, random);
                break;
        }
    }

    private static void ChangeItem(JsonArray list, byte[] other, RandomSource random)
    {
        var at = random.Below(list.Count);
        var item = list[at];
        switch (random.Below(6))
        {
            case 0 when list.Count > 1:
                list.RemoveAt(at);
                break;
            case 1:
                for (var times = random.Pick([1, 2, 50]); times > 0; times--)
                {
                    list.Insert(at, item?.DeepClone());
                }

                break;
            case 2 when list.Count > 1:
                list.RemoveAt(at);
                list.Add(item);
                break;
            case 3:
                list[at] = Piece(other, random);
                break;
            default:
                list[at] = Value(item, random);
                break;
        }
    }

    private static JsonNode? Value(JsonNode? value, RandomSource random) => random.Below(9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Once(2)),
        2 => JsonValue.Create(random.Pick([0L, -1, 1, int.MaxValue, long.MaxValue, long.MinValue, 1L << 53])),
        3 => JsonValue.Create(random.Pick([0.1m, -0.1m, decimal.MaxValue, 1e-28m, 100.000000001m])),
        4 => new JsonObject(),
        5 => new JsonArray(),
        6 => JsonValue.Create("~raw~"),
        7 => new JsonArray(value?.DeepClone()),
        _ => JsonValue.Create(Extremes.Text(random)),
    };

    private static JsonNode? Piece(byte[] other, RandomSource random)
    {
        var nodes = new List<JsonNode>();
        if (Parse(other) is { } root)
        {
            Collect(root, nodes, 0);
        }

        return nodes.Count == 0 ? null : random.Pick(nodes).DeepClone();
    }

    private static JsonNode? Nested(JsonNode? value, RandomSource random)
    {
        for (var depth = random.Pick([1, 5, 30, 50]); depth > 0; depth--)
        {
            value = random.Once(2) ? new JsonArray(value) : new JsonObject { ["a"] = value };
        }

        return value;
    }

    private static string Twice(string text, RandomSource random)
    {
        var colon = text.IndexOf(':', random.Below(text.Length));
        var open = colon < 0 ? -1 : text.LastIndexOf('{', colon);
        return open < 0 ? text : $"{text[..(open + 1)]}{text[(open + 1)..colon]}:1,{text[(open + 1)..]}";
    }

    private static void Collect(JsonNode node, List<JsonNode> into, int depth)
    {
        if (depth > 60 || into.Count > 4_000)
        {
            return;
        }

        into.Add(node);
        foreach (var child in node is JsonObject record ? record.Select(m => m.Value) : node is JsonArray list ? list : [])
        {
            if (child is not null)
            {
                Collect(child, into, depth + 1);
            }
        }
    }
}
