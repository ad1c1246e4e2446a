using System.Text;
using GridServices.Contracts;
using GridServices.Operations.Bulk;
using GridServices.Tariffs.Intervals;

namespace GridServices.Fuzzing.Decoders;

/// <summary>CSV: intervals of meters, NEM12, bulk files.</summary>
internal static class TextDecoders
{
    private static readonly IntervalOptions Options = new() { Zone = "Europe/Berlin" };

    public static IReadOnlyList<Decoder> List { get; } =
    [
        new("interval-csv", InputForm.Csv, Intervals, bytes => XmlDecoders.IsRead(CsvIntervals.Read(new MemoryStream(bytes), Options))),
        new("nem12", InputForm.Csv, Nem, bytes => XmlDecoders.IsRead(NemFile.Read(new MemoryStream(bytes), Options))),
        .. Enum.GetValues<BulkKind>().Select(Bulk),
    ];

    private static byte[][] Intervals() =>
    [
        .. SampleFiles.ReadAll("hostile/tariff", ".csv"),
        Text("start,kWh\n2027-01-15T00:00:00Z,1.25\n2027-01-15T00:15:00Z,1.5\n2027-01-15T00:30:00Z,0\n2027-01-15T00:45:00Z,2\n"),
        Text("date;time;kWh\n28.03.2027;01:45;1,25\n28.03.2027;03:00;1,5\n28.03.2027;03:15;1,5\n"),
    ];

    private static byte[][] Nem() =>
    [
        Text("100,NEM12,202701160000,MDP1,RET1\n200,NEM1201009,E1,E1,E1,N1,01009,kWh,30,20270201\n300,20270115," + string.Join(',', Enumerable.Repeat("1.5", 48)) + ",A,,,20270116000000,\n900\n"),
    ];

    private static Decoder Bulk(BulkKind kind) => new(
        $"bulk-{EnumNames<BulkKind>.GetName(kind)}",
        InputForm.Csv,
        () => [Text(BulkTemplate.Write(kind)), Text(BulkTemplate.Write(kind, delimiter: ';', locale: "de-DE"))],
        bytes => BulkRows(kind, bytes));

    private static bool BulkRows(BulkKind kind, byte[] bytes)
    {
        var rows = BulkFile.Open(new StringReader(Encoding.UTF8.GetString(bytes)), kind).Rows().Take(10_000).ToList();
        return rows.Any(r => r.Record is null && r.Faults.Count == 0) ? throw new InvalidOperationException("a row is neither read nor faulty") : rows.Any(r => r.Record is not null);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
