using System.Text.RegularExpressions;

namespace GridServices.Operations.Bulk;

/// <summary>A row of nominations.csv. <see cref="Kw"/> is 0 where nothing is nominated.</summary>
public sealed partial record NominationRow : BulkRecord
{
    /// <summary>Null: by <see cref="SiteId"/> and <see cref="ProgramCode"/>.</summary>
    public string? EnrollmentId { get; init; }

    public string? SiteId { get; init; }
    public string? ProgramCode { get; init; }
    public required string DeliveryPeriod { get; init; }
    public string? Product { get; init; }
    public required bool Nominate { get; init; }
    public required decimal Kw { get; init; }
    public string? BaselineOption { get; init; }
    public string? ExternalGroup { get; init; }

    public override string Key => JoinKey(EnrollmentId, SiteId, ProgramCode, DeliveryPeriod, Product);

    internal static NominationRow? Read(RowFields fields)
    {
        var (enrollment, site, program) = (fields.Id("enrollment_id"), fields.Id("site_id"), fields.Id("program_code"));
        if (enrollment is null && (site is null || program is null) && !fields.AnyFault)
        {
            fields.Refuse(site is null ? "site_id" : "program_code", "give enrollment_id, or both site_id and program_code");
        }

        var (nominate, kw) = (fields.Needed("nominate", fields.YesNo("nominate")), fields.Kw("kw"));
        if (!fields.AnyFault && nominate && kw is not > 0)
        {
            fields.Refuse("kw", "give the kW that are nominated, above 0, or write No in nominate");
        }
        else if (!fields.AnyFault && !nominate && kw > 0)
        {
            fields.Refuse("kw", "nominate is No: empty the kW, or write Yes");
        }

        var row = new NominationRow
        {
            EnrollmentId = enrollment,
            SiteId = site,
            ProgramCode = program,
            DeliveryPeriod = ReadPeriod(fields),
            Product = fields.Text("product"),
            Nominate = nominate,
            Kw = kw ?? 0,
            BaselineOption = fields.Text("baseline_option"),
            ExternalGroup = fields.Text("external_group"),
        };
        return fields.AnyFault ? null : row;
    }

    private static string ReadPeriod(RowFields fields)
    {
        var text = fields.RequiredId("delivery_period");
        var isNumeric = text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c == '-');
        return !isNumeric || MonthOrSeason().IsMatch(text) ? text : fields.Refuse("delivery_period", "write a month as 2027-07 or a season as the year it starts in, 2027") ?? string.Empty;
    }

    [GeneratedRegex("^2[01][0-9]{2}(-(0[1-9]|1[0-2]))?\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MonthOrSeason();
}
