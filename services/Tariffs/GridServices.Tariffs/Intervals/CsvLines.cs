using System.Text;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Tariffs.Intervals;

/// <summary>Lines and fields of a CSV file, one at a time, bounded. Quotes count only at the start of a field (RFC 4180).</summary>
internal sealed class CsvLines(Stream stream)
{
    public const int LongestLine = 16_384;
    private readonly Decoder decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetDecoder();
    private readonly byte[] bytes = new byte[32_768];
    private readonly char[] buffer = new char[32_770];
    private readonly StringBuilder line = new();
    private int length;
    private int at;

    public int Number { get; private set; }

    /// <summary>The next line without its end, or null.</summary>
    public string? Next()
    {
        line.Clear();
        while (true)
        {
            if (at == length && !Fill())
            {
                return line.Length == 0 ? null : TakeLine();
            }

            var rest = buffer.AsSpan(at, length - at);
            var end = rest.IndexOf('\n');
            line.Append(rest[..(end < 0 ? rest.Length : end)]);
            at += end < 0 ? rest.Length : end + 1;
            if (line.Length > LongestLine)
            {
                throw Refused(ErrorClass.LimitSize, $"a line is longer than {LongestLine} characters; this is no interval file", Number + 1);
            }

            if (end >= 0)
            {
                return TakeLine();
            }
        }
    }

    /// <summary>The fields of a line.</summary>
    public List<string> Fields(string text, char delimiter)
    {
        var fields = new List<string>(4);
        for (var from = 0; from <= text.Length;)
        {
            if (from < text.Length && text[from] == '"')
            {
                fields.Add(Quoted(text, ref from, delimiter));
                continue;
            }

            var end = text.IndexOf(delimiter, from);
            end = end < 0 ? text.Length : end;
            fields.Add(text[from..end].Trim());
            from = end + 1;
        }

        return fields;
    }

    public static IntervalRefusedException Refused(ErrorClass errorClass, string detail, int number) => new(new ReadError(errorClass, $"line {number}", detail));

    private string TakeLine()
    {
        Number++;
        var text = line.ToString(0, line.Length > 0 && line[^1] == '\r' ? line.Length - 1 : line.Length);
        text = Number == 1 ? text.TrimStart('\uFEFF') : text;
        return text.Contains('\0') ? throw Refused(ErrorClass.Malformed, "the file has NUL characters; save it as UTF-8 text", Number) : text;
    }

    private string Quoted(string text, ref int from, char delimiter)
    {
        var field = new StringBuilder();
        for (var i = from + 1; i < text.Length; i++)
        {
            if (text[i] != '"')
            {
                field.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (i + 1 == text.Length || text[i + 1] == delimiter)
            {
                from = i + 2;
                return field.ToString();
            }
            else
            {
                break;
            }
        }

        throw Refused(ErrorClass.Malformed, "a quoted field is not closed, or text follows its closing quote", Number);
    }

    private bool Fill()
    {
        try
        {
            do
            {
                var read = stream.Read(bytes);
                (at, length) = (0, decoder.GetChars(bytes.AsSpan(0, read), buffer, flush: read == 0));
                if (read == 0)
                {
                    return length > 0;
                }
            }
            while (length == 0);
            return true;
        }
        catch (DecoderFallbackException)
        {
            throw Refused(ErrorClass.Malformed, "the file is not UTF-8; save it as UTF-8 text", Number + 1);
        }
    }
}
