using System.Text;

namespace GridServices.Operations.Bulk;

/// <summary>The fields of one record, by the line it begins on; with a fault they can't be told apart and <see cref="Fields"/> is the line.</summary>
internal readonly record struct CsvRecord(int Line, string[] Fields, string? Fault = null);

/// <summary>
/// Records of a CSV file (RFC 4180): fields in quotes may hold delimiters, doubled quotes and line ends. A quote that is never closed costs its
/// own line and no other.
/// </summary>
internal sealed class CsvRecordReader(CsvLineReader lines, BulkLimits limits)
{
    private readonly LinkedList<CsvLine> _pending = new();

    /// <summary>The next line that is not blank, unread for <see cref="Next"/>.</summary>
    public CsvLine? Peek()
    {
        while (ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line.Text))
            {
                _pending.AddFirst(line);
                return line;
            }
        }

        return null;
    }

    public CsvLine? ReadLine()
    {
        if (_pending.First is not { } first)
        {
            return lines.Next();
        }

        _pending.RemoveFirst();
        return first.Value;
    }

    /// <summary>The next record; blank lines are none. Null at the end.</summary>
    public CsvRecord? Next(char delimiter)
    {
        if (Peek() is null || ReadLine() is not { } first)
        {
            return null;
        }

        if (first.TooLong)
        {
            return new CsvRecord(first.Number, [first.Text], $"the line is longer than {limits.MostCharacters} characters: shorten it");
        }

        var (text, joined) = (first.Text, new List<CsvLine>());
        while (true)
        {
            if (TrySplit(text, delimiter, out var fields, out var fault))
            {
                return new CsvRecord(first.Number, fields, fault);
            }

            if (joined.Count == limits.MostLines || text.Length > limits.MostCharacters || ReadLine() is not { } next)
            {
                Unread(joined);
                return new CsvRecord(first.Number, [first.Text], "a quote opens here and is never closed: close it, and write a quote inside a quoted field twice");
            }

            joined.Add(next);
            text = $"{text}\n{next.Text}";
        }
    }

    private void Unread(List<CsvLine> joined)
    {
        for (var i = joined.Count - 1; i >= 0; i--)
        {
            _pending.AddFirst(joined[i]);
        }
    }

    /// <summary>False: a quote is still open at the end.</summary>
    internal static bool TrySplit(string text, char delimiter, out string[] fields, out string? fault)
    {
        var (found, field, at) = (new List<string>(), new StringBuilder(), 0);
        fault = null;
        while (true)
        {
            field.Clear();
            while (at < text.Length && text[at] is ' ' or '\t' && text[at] != delimiter)
            {
                at++;
            }

            if (at < text.Length && text[at] == '"')
            {
                if (!Quoted(text, ref at, field))
                {
                    fields = [];
                    return false;
                }

                var rest = Rest(text, delimiter, ref at);
                fault ??= string.IsNullOrWhiteSpace(rest) ? null : $"'{Truncate(rest.Trim())}' follows a closing quote: put the whole field into the quotes";
            }
            else
            {
                field.Append(Rest(text, delimiter, ref at));
            }

            found.Add(field.ToString().Trim());
            if (at >= text.Length)
            {
                fields = [.. found];
                return true;
            }

            at++;
            if (at == text.Length)
            {
                found.Add(string.Empty);
                fields = [.. found];
                return true;
            }
        }
    }

    internal static string Truncate(string text) => text.Length <= 80 ? text : text[..77] + "...";

    private static bool Quoted(string text, ref int at, StringBuilder field)
    {
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                field.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                field.Append(text[at++]);
            }
            else
            {
                at++;
                return true;
            }
        }

        return false;
    }

    private static string Rest(string text, char delimiter, ref int at)
    {
        var end = text.IndexOf(delimiter, at);
        var rest = end < 0 ? text[at..] : text[at..end];
        at += rest.Length;
        return rest;
    }
}
