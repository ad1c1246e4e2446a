using System.Text;

namespace GridServices.Operations.Bulk;

/// <summary>A line of a file as it is; what is beyond the bound was read and dropped.</summary>
internal readonly record struct CsvLine(int Number, string Text, bool TooLong);

/// <summary>Reads lines of bounded length, so that a file without line ends can't fill the memory.</summary>
internal sealed class CsvLineReader(TextReader reader, int mostCharacters)
{
    private readonly char[] _block = new char[16_384];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _filled;
    private int _number;

    /// <summary>Null at the end of the file.</summary>
    public CsvLine? Next()
    {
        _line.Clear();
        var (tooLong, any) = (false, false);
        while (Fill())
        {
            any = true;
            var rest = _block.AsSpan(_at, _filled - _at);
            var end = rest.IndexOfAny('\r', '\n');
            var part = end < 0 ? rest : rest[..end];
            tooLong |= _line.Length + part.Length > mostCharacters;
            _line.Append(part[..Math.Min(part.Length, Math.Max(0, mostCharacters - _line.Length))]);
            _at += part.Length;
            if (end >= 0)
            {
                EndOfLine();
                break;
            }
        }

        return any ? new CsvLine(++_number, _line.ToString(), tooLong) : null;
    }

    private void EndOfLine()
    {
        var isReturn = _block[_at++] == '\r';
        if (isReturn && Fill() && _block[_at] == '\n')
        {
            _at++;
        }
    }

    private bool Fill()
    {
        if (_at == _filled)
        {
            (_at, _filled) = (0, reader.Read(_block, 0, _block.Length));
        }

        return _filled > 0;
    }
}
