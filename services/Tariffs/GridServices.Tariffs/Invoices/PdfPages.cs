using System.Globalization;
using System.Text;

namespace GridServices.Tariffs.Invoices;

/// <summary>
/// Pages of A4 in PDF 1.4 with text in Helvetica, which every reader has (so no font is embedded), and lines. The same content gives the same bytes.
/// Points from the left and from the top; text is WinAnsi (Western Europe).
/// </summary>
internal sealed class PdfPages
{
    public const double Width = 595;
    public const double Height = 842;

    // Advance widths of Helvetica for the characters 32 to 126, in thousandths of the size.
    private static readonly int[] Widths =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    private const string Upper = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
    private readonly List<StringBuilder> pages = [];

    /// <summary>Whether the fonts have every character.</summary>
    public static bool CanWrite(string text) => text.All(c => Code(c) is not null || c == '\n');

    public static double MeasureWidth(string text, double size) => text.Sum(c => c is >= ' ' and <= '~' ? Widths[c - ' '] : 556) * size / 1000;

    public void Add() => pages.Add(new StringBuilder());

    public void Text(double x, double y, string text, double size, bool isBold = false) => pages[^1]
        .Append(CultureInfo.InvariantCulture, $"BT /{(isBold ? "F2" : "F1")} {size:0.##} Tf {x:0.##} {Height - y:0.##} Td (")
        .Append(Escaped(text)).Append(") Tj ET\n");

    public void TextRight(double right, double y, string text, double size, bool isBold = false) => Text(right - MeasureWidth(text, size), y, text, size, isBold);

    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="colour">Red, green, blue, 0 to 1.</param>
    public void Line((double X, double Y) from, (double X, double Y) to, string colour = "0.8 0.8 0.8") => pages[^1]
        .Append(CultureInfo.InvariantCulture, $"{colour} RG 0.6 w {from.X:0.##} {Height - from.Y:0.##} m {to.X:0.##} {Height - to.Y:0.##} l S\n");

    public void Dot(double x, double y, string colour) => pages[^1]
        .Append(CultureInfo.InvariantCulture, $"{colour} rg {x - 2.5:0.##} {Height - y - 2.5:0.##} 5 5 re f 0 g\n");

    /// <summary>The whole file.</summary>
    public byte[] Write()
    {
        var kids = string.Join(' ', pages.Select((_, i) => $"{5 + (2 * i)} 0 R"));
        List<string> objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            $"<< /Type /Pages /Kids [{kids}] /Count {pages.Count} >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        ];
        foreach (var page in pages)
        {
            objects.Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {objects.Count + 2} 0 R >>");
            objects.Add($"<< /Length {page.Length} >>\nstream\n{page}endstream");
        }

        // All characters are below 256, so that a place in the text is a place in the file.
        var file = new StringBuilder("%PDF-1.4\n");
        var places = new List<int>();
        for (var i = 0; i < objects.Count; i++)
        {
            places.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        var table = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        places.ForEach(place => file.Append(CultureInfo.InvariantCulture, $"{place:D10} 00000 n \n"));
        file.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }

    private static string Escaped(string text) => string.Concat(text.Select(c => Code(c) is { } code ? code is '(' or ')' or '\\' ? $"\\{code}" : code.ToString() : "?"));

    /// <summary>The character's place in WinAnsi; null = it has none.</summary>
    private static char? Code(char c) => c is >= ' ' and <= '~' or >= '\u00A0' and <= '\u00FF' ? c : c > '\u00FF'
        && Upper.IndexOf(c, StringComparison.Ordinal) is >= 0 and var place ? (char)(0x80 + place) : null;
}
