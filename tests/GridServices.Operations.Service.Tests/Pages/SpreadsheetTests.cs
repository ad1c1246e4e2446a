using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using GridServices.Operations.Bulk;
using GridServices.Operations.Service.Console;

namespace GridServices.Operations.Service.Tests.Pages;

public sealed class SpreadsheetTests
{
    [Fact]
    public void A_table_is_a_valid_workbook_whose_texts_are_texts_and_whose_numbers_keep_every_digit()
    {
        string[] head = ["name", "amount"];
        string?[][] rows =
        [
            ["=HYPERLINK(\"http://evil.example\")", "12.50"], ["+1", "-3"], ["@SUM(A1)", "0.123456789012345"], ["-2+3", "1234567890123456789"], ["'quoted", "007"], ["two\nlines, \"quoted\"", ""], ["\u0001control", "0"], ["|cmd", "1e5"],
        ];
        var csv = string.Join("\r\n", rows.Prepend(head).Select(r => CsvText.Line(r))) + "\r\n";
        using var file = new MemoryStream(Spreadsheet.FromCsv("ledger 2027-07: a/b", csv));
        using var document = SpreadsheetDocument.Open(file, isEditable: false);
        Assert.Empty(new OpenXmlValidator(FileFormatVersions.Office2019).Validate(document, TestContext.Current.CancellationToken));
        var cells = document.WorkbookPart!.WorksheetParts.Single().Worksheet!.Descendants<Row>().Select(r => r.Elements<Cell>().Select(c => (c.DataType!.Value == CellValues.Number, c.InnerText)).ToList()).ToList();
        Assert.Equal([(false, "name"), (false, "amount")], cells[0]);
        Assert.Equal(
            ["=HYPERLINK(\"http://evil.example\")", "+1", "@SUM(A1)", "-2+3", "'quoted", "two\nlines, \"quoted\"", "control", "|cmd"],
            cells.Skip(1).Select(r => r[0] is (false, var text) ? text : "a number"));
        Assert.Equal([(true, "12.50"), (true, "-3"), (true, "0.123456789012345"), (false, "1234567890123456789"), (false, "007"), (false, ""), (true, "0"), (false, "1e5")], cells.Skip(1).Select(r => r[1]));
        Assert.Empty(document.WorkbookPart.WorksheetParts.Single().Worksheet!.Descendants<CellFormula>());
        Assert.Equal("ledger 2027-07- a-b", document.WorkbookPart.Workbook!.Descendants<Sheet>().Single().Name!.Value);
    }

    [Fact]
    public void A_table_reads_back_as_it_was_before_it_was_made_harmless() =>
        Assert.Equal([["a", "b"], ["=1", "x, \"y\""], ["", "-5"]], CsvTable.Read($"{CsvText.Line(["a", "b"])}\r\n{CsvText.Line(["=1", "x, \"y\""])}\r\n{CsvText.Line(["", "-5"])}\r\n"));
}
