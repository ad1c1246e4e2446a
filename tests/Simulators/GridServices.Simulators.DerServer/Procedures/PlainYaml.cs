using System.Text.Json.Nodes;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>The little of YAML that test procedures are written in: maps, lists, plain and quoted scalars, [a, b], {a: b}, comments. All scalars become text.</summary>
internal sealed class PlainYaml
{
    private readonly List<(int Indent, string Text, int Number)> lines = [];
    private int at;

    private PlainYaml(string yaml)
    {
        var number = 0;
        foreach (var raw in yaml.Split('\n'))
        {
            number++;
            var text = WithoutComment(raw.TrimEnd('\r'));
            if (text.Trim().Length > 0)
            {
                lines.Add((text.Length - text.TrimStart(' ').Length, text.Trim(), number));
            }
        }
    }

    /// <exception cref="SimException">It is other YAML than that.</exception>
    public static JsonObject Read(string yaml)
    {
        var reader = new PlainYaml(yaml);
        return reader.lines.Count == 0 ? [] : reader.Block(0) as JsonObject ?? throw new SimException("The procedure is no map.");
    }

    private JsonNode Block(int indent) => lines[at].Text.StartsWith("- ", StringComparison.Ordinal) || lines[at].Text == "-" ? List(indent) : Map(indent);

    private JsonArray List(int indent)
    {
        var list = new JsonArray();
        while (at < lines.Count && lines[at].Indent == indent && lines[at].Text.StartsWith('-'))
        {
            var rest = lines[at].Text[1..].TrimStart();
            if (rest.Length == 0)
            {
                at++;
                list.Add(Nested(indent));
            }
            else if (IsKey(rest))
            {
                // "- key: value": the rest of the line is the first of a map that stands as deep as its text.
                var inner = indent + lines[at].Text.Length - rest.Length;
                lines[at] = (inner, rest, lines[at].Number);
                list.Add(Map(inner));
            }
            else
            {
                at++;
                list.Add(Scalar(rest));
            }
        }

        return list;
    }

    private JsonObject Map(int indent)
    {
        var map = new JsonObject();
        while (at < lines.Count && lines[at].Indent == indent && !lines[at].Text.StartsWith("- ", StringComparison.Ordinal))
        {
            var (_, text, number) = lines[at];
            var colon = Colon(text);
            if (colon < 0)
            {
                throw new SimException($"Line {number}: \"{text}\" is no \"key: value\".");
            }

            at++;
            var value = text[(colon + 1)..].Trim();
            map[Unquoted(text[..colon].Trim())] = value.Length > 0 ? Scalar(value) : Nested(indent);
        }

        return map;
    }

    // A list may stand as deep as its key.
    private JsonNode? Nested(int indent) =>
        at < lines.Count && (lines[at].Indent > indent || (lines[at].Indent == indent && lines[at].Text.StartsWith("- ", StringComparison.Ordinal))) ? Block(lines[at].Indent) : null;

    private static JsonNode? Scalar(string text) => text switch
    {
        ['{', .. var inside, '}'] => InlineMap(inside),
        ['[', .. var inside, ']'] => new JsonArray([.. inside.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(i => (JsonNode?)Unquoted(i))]),
        _ => Unquoted(text),
    };

    // Plain and quoted scalars only: a value with a comma or a map in it is not written so.
    private static JsonObject InlineMap(string inside)
    {
        var map = new JsonObject();
        foreach (var pair in inside.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = Colon(pair);
            map[Unquoted((colon > 0 ? pair[..colon] : throw new SimException($"\"{pair}\" is no \"key: value\".")).Trim())] = Unquoted(pair[(colon + 1)..].Trim());
        }

        return map;
    }

    private static bool IsKey(string text) => text[0] is not ('"' or '\'' or '[') && Colon(text) > 0;

    private static int Colon(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ':' && (i + 1 == text.Length || text[i + 1] == ' '))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Unquoted(string text) =>
        text is ['"', .. var d, '"'] ? d : text is ['\'', .. var s, '\''] ? s : text;

    private static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                quote = line[i] == quote ? '\0' : quote;
            }
            else if (line[i] is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '(' or '['))
            {
                quote = line[i];
            }
            else if (line[i] == '#' && (i == 0 || line[i - 1] == ' '))
            {
                return line[..i];
            }
        }

        return line;
    }
}
