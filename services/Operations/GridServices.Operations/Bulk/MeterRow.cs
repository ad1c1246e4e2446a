using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;

namespace GridServices.Operations.Bulk;

/// <summary>A row of meters.csv. An identifier that looks odd is warned about and kept, since utilities differ.</summary>
public sealed record MeterRow : BulkRecord
{
    public required string SiteId { get; init; }
    public required IdentifierScheme Scheme { get; init; }

    /// <summary>Without the blanks and dashes that people type.</summary>
    public required string Identifier { get; init; }

    public string? AccountNo { get; init; }
    public string? MeterNo { get; init; }
    public required MeterKind Kind { get; init; }
    public int? IntervalMinutes { get; init; }
    public string? TariffId { get; init; }
    public MeterDataSource? DataSource { get; init; }

    public override string Key => JoinKey(SiteId, Contracts.EnumNames<IdentifierScheme>.GetName(Scheme), Identifier);

    internal static MeterRow? Read(RowFields fields)
    {
        var scheme = fields.EnumValue<IdentifierScheme>("scheme");
        var row = new MeterRow
        {
            SiteId = fields.RequiredId("site_id"),
            Scheme = fields.Needed("scheme", scheme),
            Identifier = ReadIdentifier(fields, scheme),
            AccountNo = fields.Text("account_no", 40),
            MeterNo = fields.Text("meter_no", 40),
            Kind = fields.Needed("kind", fields.EnumValue<MeterKind>("kind")),
            IntervalMinutes = ReadInterval(fields),
            TariffId = fields.Id("tariff_id"),
            DataSource = fields.EnumValue<MeterDataSource>("data_source"),
        };
        return fields.AnyFault ? null : row;
    }

    private static string ReadIdentifier(RowFields fields, IdentifierScheme? scheme)
    {
        var text = fields.Required("identifier", 60);
        if (text.Length == 0 || scheme is not { } known)
        {
            return text;
        }

        var check = MeterIdentifiers.Check(known, text);
        if (check.Verdict == IdentifierVerdict.Error)
        {
            fields.Refuse("identifier", check.Text!);
        }
        else if (check.Verdict == IdentifierVerdict.Warning)
        {
            fields.Warn("identifier", check.Text!);
        }

        return check.Normal;
    }

    private static int? ReadInterval(RowFields fields)
    {
        var minutes = fields.ReadInteger("interval_min", 1, 1440);
        if (minutes is { } length && 1440 % length != 0)
        {
            fields.Refuse("interval_min", "the length of an interval divides the day: 5, 15, 30 or 60");
        }

        return minutes;
    }
}
