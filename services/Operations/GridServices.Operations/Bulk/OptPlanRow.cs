using GridServices.Contracts;
using GridServices.Operations.Opt;

namespace GridServices.Operations.Bulk;

/// <summary>A row of optplans.csv. Its times are the site's wall clock and become instants by the site's zone (<see cref="LocalMoment.In"/>).</summary>
public sealed record OptPlanRow : BulkRecord
{
    public required string SiteId { get; init; }

    /// <summary>Null: every program of the site.</summary>
    public string? ProgramCode { get; init; }

    public required LocalMoment From { get; init; }
    public required LocalMoment Until { get; init; }
    public required OptDirection Direction { get; init; }
    public required OptReason Reason { get; init; }
    public string? Text { get; init; }

    public override string Key => JoinKey(SiteId, ProgramCode, From.ToString(), Until.ToString(), EnumNames<OptDirection>.GetName(Direction));

    internal static OptPlanRow? Read(RowFields fields)
    {
        var (from, until) = (ReadMoment(fields, "from_local"), ReadMoment(fields, "until_local"));
        if (from is not null && until is not null && from.At >= until.At && (from.Offset is null || from.Offset == until.Offset))
        {
            fields.Refuse("until_local", "is not after from_local: the span ends later than it begins");
        }

        var (reason, text) = ReadReason(fields);
        var row = new OptPlanRow
        {
            SiteId = fields.RequiredId("site_id"),
            ProgramCode = fields.Id("program_code"),
            From = from!,
            Until = until!,
            Direction = fields.Needed("direction", fields.EnumValue<OptDirection>("direction")),
            Reason = reason,
            Text = text,
        };
        return fields.AnyFault ? null : row;
    }

    private static LocalMoment? ReadMoment(RowFields fields, string column)
    {
        var moment = fields.ReadLocalMoment(column);
        if (moment is null)
        {
            fields.Required(column);
        }

        return moment;
    }

    private static (OptReason Reason, string? Text) ReadReason(RowFields fields)
    {
        var parts = fields.Required("reason", 500).Split(':', 2, StringSplitOptions.TrimEntries);
        if (parts[0].Length > 0 && !EnumNames<OptReason>.TryParse(parts[0], out _))
        {
            fields.Refuse("reason", RowFields.DescribeUnknown(parts[0], EnumNames<OptReason>.All) + "; a text of your own follows after a colon");
        }

        return (EnumNames<OptReason>.TryParse(parts[0], out var reason) ? reason : default, parts.Length == 2 && parts[1].Length > 0 ? parts[1] : null);
    }
}
