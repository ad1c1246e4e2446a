using System.Text.Json;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Json;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Bulk;

/// <summary>A row of enrollments.csv. Powers in kW; whether the program wants more is checked against its template afterwards.</summary>
public sealed record EnrollmentRow : BulkRecord
{
    private const int LongestAnswers = 16_384;

    public required string SiteId { get; init; }
    public required string ProgramCode { get; init; }
    public required DatePeriod Period { get; init; }
    public string? MeterIdentifier { get; init; }
    public decimal? NominatedKw { get; init; }
    public decimal? FirmServiceLevelKw { get; init; }
    public string? BaselineOption { get; init; }
    public string? Product { get; init; }
    public string? ExternalGroup { get; init; }
    public OptPolicy? OptPolicy { get; init; }
    public string? VenName { get; init; }
    public string? VenId { get; init; }
    public string? MarketContext { get; init; }
    public string? CertificateRef { get; init; }
    public string? Nmi { get; init; }
    public string? Lfdi { get; init; }
    public string? Pin { get; init; }
    public string? SignerEmail { get; init; }
    public LocalDate? ConsentDate { get; init; }
    public GeneratorAnswer? Generator { get; init; }
    public Answers Answers { get; init; } = Answers.None;

    public override string Key => JoinKey(SiteId, ProgramCode, LocalDatePattern.Iso.Format(Period.From));

    internal static EnrollmentRow? Read(RowFields fields)
    {
        var row = new EnrollmentRow
        {
            SiteId = fields.RequiredId("site_id"),
            ProgramCode = fields.RequiredId("program_code"),
            Period = ReadPeriod(fields),
            MeterIdentifier = fields.Text("meter_identifier", 60),
            NominatedKw = fields.Kw("nominated_kw"),
            FirmServiceLevelKw = fields.Kw("firm_service_level_kw"),
            BaselineOption = fields.Text("baseline_option"),
            Product = fields.Text("product"),
            ExternalGroup = fields.Text("external_group"),
            OptPolicy = fields.EnumValue<OptPolicy>("opt_policy"),
            VenName = fields.Text("ven_name", 128),
            VenId = fields.Text("ven_id", 128),
            MarketContext = fields.Text("market_context", 500),
            CertificateRef = fields.Text("cert_ref"),
            Nmi = ReadIdentifier(fields, "nmi", t => MeterIdentifiers.Check(IdentifierScheme.Nmi, t)),
            Lfdi = ReadIdentifier(fields, "lfdi", DeviceIdentifiers.CheckLfdi),
            Pin = ReadIdentifier(fields, "pin", DeviceIdentifiers.CheckPin),
            SignerEmail = fields.Mail("signer_email"),
            ConsentDate = fields.Date("consent_date"),
            Generator = GeneratorAnswer.Read(fields),
            Answers = ReadAnswers(fields),
        };
        return fields.AnyFault ? null : row;
    }

    private static DatePeriod ReadPeriod(RowFields fields)
    {
        var (from, until) = (fields.Needed("period_from", fields.Date("period_from")), fields.Date("period_until"));
        if (until < from)
        {
            fields.Refuse("period_until", $"is before period_from, {LocalDatePattern.Iso.Format(from)}: the last day is the first one or later");
        }

        return new DatePeriod { From = from, Until = until };
    }

    private static string? ReadIdentifier(RowFields fields, string column, Func<string, IdentifierCheck> check)
    {
        if (fields.Text(column, 80) is not { } text)
        {
            return null;
        }

        var found = check(text);
        if (found.Verdict == IdentifierVerdict.Error)
        {
            fields.Refuse(column, found.Text!);
        }
        else if (found.Verdict == IdentifierVerdict.Warning)
        {
            fields.Warn(column, found.Text!);
        }

        return found.Normal;
    }

    private static Answers ReadAnswers(RowFields fields)
    {
        if (fields.Text("answers_json", LongestAnswers) is not { } json)
        {
            return Answers.None;
        }

        try
        {
            return JsonSerializer.Deserialize<Answers>(json, OperationsJson.Options) ?? Answers.None;
        }
        catch (JsonException refused)
        {
            fields.Refuse("answers_json", $"write a JSON object such as {{\"attestsNoPpa\":true}}: {CsvRecordReader.Truncate(refused.Message)}");
            return Answers.None;
        }
    }
}

/// <summary>What is said of a back-up generator; <see cref="Kw"/> of its nameplate.</summary>
public sealed record GeneratorAnswer(bool IsThere, decimal? Kw = null, string? Fuel = null, string? Permit = null)
{
    internal static GeneratorAnswer? Read(RowFields fields)
    {
        var (isThere, kw, fuel, permit) = (fields.YesNo("generator"), fields.Kw("generator_kw"), fields.Text("generator_fuel", 40), fields.Text("generator_permit", 80));
        if (isThere is true && kw is null && !fields.AnyFault)
        {
            fields.Refuse("generator_kw", "there is a generator: give the kW of its nameplate");
        }
        else if (isThere is not true && (kw is not null || fuel is not null || permit is not null))
        {
            fields.Refuse("generator", "generator_kw, generator_fuel or generator_permit is filled in: write y, or empty them");
        }

        return isThere is { } said ? new GeneratorAnswer(said, kw, fuel, permit) : null;
    }
}
