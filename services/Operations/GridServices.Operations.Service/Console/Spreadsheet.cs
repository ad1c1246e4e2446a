using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using GridServices.Operations.Bulk;

namespace GridServices.Operations.Service.Console;

/// <summary>
/// A table as an Office Open XML workbook of one sheet. Texts are written as texts: a spreadsheet runs none of them as a formula, whatever they begin with. Numbers are numbers where the format
/// keeps all of their digits (15), else texts.
/// </summary>
internal static class Spreadsheet
{
    internal const string MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    private const int LongestCell = 32_767;
    private const int LongestName = 31;
    private const int ExactDigits = 15;

    /// <summary>The same table as its CSV says.</summary>
    /// <param name="name">Of the sheet.</param>
    /// <param name="csv">As <see cref="CsvText"/> writes it; the first line is the head.</param>
    internal static byte[] FromCsv(string name, string csv) => From(name, CsvTable.Read(csv));

    /// <param name="name">Of the sheet.</param>
    /// <param name="rows">The first one is the head.</param>
    internal static byte[] From(string name, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        using var file = new MemoryStream();
        using (var document = SpreadsheetDocument.Create(file, SpreadsheetDocumentType.Workbook))
        {
            var workbook = document.AddWorkbookPart();
            var styles = workbook.AddNewPart<WorkbookStylesPart>();
            styles.Stylesheet = Styles();
            var sheet = workbook.AddNewPart<WorksheetPart>();
            using (var writer = OpenXmlWriter.Create(sheet))
            {
                WriteSheet(writer, rows);
            }

            workbook.Workbook = new Workbook(new Sheets(new Sheet { Id = workbook.GetIdOfPart(sheet), SheetId = 1, Name = SheetName(name) }));
        }

        return file.ToArray();
    }

    private static void WriteSheet(OpenXmlWriter writer, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        writer.WriteStartElement(new Worksheet());
        writer.WriteElement(new SheetViews(new SheetView(new Pane { VerticalSplit = 1, TopLeftCell = "A2", ActivePane = PaneValues.BottomLeft, State = PaneStateValues.Frozen }) { WorkbookViewId = 0 }));
        writer.WriteStartElement(new SheetData());
        for (var i = 0; i < rows.Count; i++)
        {
            writer.WriteStartElement(new Row { RowIndex = (uint)i + 1 });
            foreach (var cell in rows[i])
            {
                writer.WriteElement(CreateCell(cell, isHead: i == 0));
            }

            writer.WriteEndElement();
        }

        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    private static Cell CreateCell(string text, bool isHead)
    {
        if (!isHead && IsExactNumber(text))
        {
            return new Cell { CellValue = new CellValue(text), DataType = CellValues.Number };
        }

        var kept = new string([.. text.Where(System.Xml.XmlConvert.IsXmlChar).Take(LongestCell)]);
        return new Cell(new InlineString(new Text(kept) { Space = SpaceProcessingModeValues.Preserve })) { DataType = CellValues.InlineString, StyleIndex = isHead ? 1u : 0u };
    }

    /// <summary>A number as we write them; what begins with a zero, such as an account's number, is none.</summary>
    private static bool IsExactNumber(string text)
    {
        var digits = text.AsSpan().TrimStart('-');
        return digits.Length > 0 && digits.TrimStart("0.").Length - (digits.TrimStart("0.").Contains('.') ? 1 : 0) <= ExactDigits && (digits[0] != '0' || digits.Length == 1 || digits[1] == '.')
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-');
    }

    private static string SheetName(string name)
    {
        var safe = new string([.. name.Select(c => c is '[' or ']' or ':' or '*' or '?' or '/' or '\\' or '\'' ? '-' : c).Take(LongestName)]);
        return safe.Length == 0 ? "Table" : safe;
    }

    /// <summary>0: plain; 1: bold, of the head.</summary>
    private static Stylesheet Styles() => new(
        new Fonts(new Font(), new Font(new Bold())),
        new Fills(new Fill(new PatternFill { PatternType = PatternValues.None }), new Fill(new PatternFill { PatternType = PatternValues.Gray125 })),
        new Borders(new Border()),
        new CellStyleFormats(new CellFormat()),
        new CellFormats(new CellFormat(), new CellFormat { FontId = 1, ApplyFont = true }));
}
