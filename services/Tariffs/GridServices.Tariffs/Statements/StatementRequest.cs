using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Statements;

/// <summary>A bill request with the utility's own bill beside it.</summary>
public sealed record StatementRequestBody(
    Statement? Statement = null, string? TariffId = null, string? TariffFormat = null, JsonElement? Tariff = null, IReadOnlyList<JsonElement>? Tariffs = null,
        string? TimeZone = null, IntervalsRequestBody? Intervals = null,
    int? Year = null, IReadOnlyList<CycleRequestBody>? Cycles = null, Account? Account = null, IReadOnlyList<CalledEvent>? Events = null,
        IReadOnlyList<PriceCurve>? Prices = null, OptionsRequestBody? Options = null);

/// <summary>A bill to be held against the utility's.</summary>
/// <param name="Site">What is calculated.</param>
/// <param name="Statement">What the utility says.</param>
public sealed record StatementRequest(BillRequest Site, Statement Statement)
{
    private const int MostLines = 1000;
    private const decimal MostMoney = 1_000_000_000_000m;

    /// <exception cref="BillRefusedException">The data lack what the tariff asks for.</exception>
    public StatementComparison Compare() => BillShadow.Compare(Site, Site.Bill(), Statement);

    /// <summary>The request, or every fault with its place.</summary>
    public static ReadResult<StatementRequest> Read(ReadOnlyMemory<byte> json, KnownTariffs? known = null) =>
        RequestDocument.Read(json, typeof(StatementRequestBody), (root, problems) => ReadRequest(root, problems, known));

    private static StatementRequest? ReadRequest(JsonMember root, ReadProblems problems, KnownTariffs? known)
    {
        var statement = root.Required<Statement>("statement", "the utility's bill: its total, or its lines", problems);
        var site = new BillRequestJson(root, problems).ReadRequest(known);
        if (statement is null || site is null)
        {
            return null;
        }

        Check(statement, site, problems);
        return problems.Any ? null : new StatementRequest(OnItsDays(root, site, statement), statement);
    }

    /// <summary>The statement's own days are the cycle where the request names none.</summary>
    private static BillRequest OnItsDays(JsonMember root, BillRequest site, Statement statement) =>
        root.Member("cycles") is null && root.Member("year") is null && statement is { From: { } from, Until: { } until } ? site with { Cycles = [new BillingCycle(from, until)] } : site;

    private static void Check(Statement statement, BillRequest site, ReadProblems problems)
    {
        var currency = site.Tariffs[0].Source.Currency;
        void Demand(bool holds, ErrorClass error, string at, string detail)
        {
            if (!holds)
            {
                problems.Refuse(error, $"/statement{at}", detail);
            }
        }

        Demand(statement.Total is not null || !statement.Lines.IsEmpty, ErrorClass.SemanticEmpty, string.Empty, "give total, or lines: [{\"text\":\"Energy\",\"amount\":123.45}], or both");
        Demand(statement.Currency is not { } other || other == currency, ErrorClass.SemanticCode, "/currency",
            $"the tariff is in {currency}; a statement in another currency cannot be held against it");
        Demand(statement.From is null == statement.Until is null, ErrorClass.SchemaInvalid, statement.From is null ? "/from" : "/until",
            "the statement's days have a first and an end: give from and until, or neither");
        Demand(statement is not { From: { } from, Until: { } until } || from < until, ErrorClass.SemanticTime, "/until", "until lies after from: it is the first day that is no longer billed");
        Demand(statement.Kwh is null or (>= 0 and < MostMoney), ErrorClass.SemanticNumber, "/kwh", "the energy is 0 kWh or more");
        Demand(statement.Tolerance is null or (>= 0 and < 1000), ErrorClass.SemanticNumber, "/tolerance", "the tolerance of a line is 0 or more, e.g. 0.01");
        Demand(statement.Lines.Length <= MostLines, ErrorClass.LimitCount, "/lines", $"at most {MostLines} lines");
        Demand(Math.Abs(statement.Total ?? 0) < MostMoney, ErrorClass.SemanticNumber, "/total", "no bill is that large; check the number");
        Demand(statement.Lines.Select(l => l.Id).OfType<string>().GroupBy(i => i, StringComparer.Ordinal).All(g => g.Count() == 1), ErrorClass.DuplicateId, "/lines", "each id names one line");
        for (var i = 0; i < statement.Lines.Length; i++)
        {
            Check(statement.Lines[i], string.Create(CultureInfo.InvariantCulture, $"/lines/{i}"), Demand);
        }
    }

    private static void Check(StatementLine line, string at, Action<bool, ErrorClass, string, string> demand)
    {
        foreach (var number in new[] { line.Amount, line.Quantity ?? 0, line.Rate ?? 0 })
        {
            demand(Math.Abs(number) < MostMoney, ErrorClass.SemanticNumber, at, "a number of this line is larger than any bill's; check it");
        }

        demand(line.Charge is not null || (line.Period is null && line.Tier is null && line.Version is null), ErrorClass.SchemaInvalid, $"{at}/charge",
            "period, tier and version are those of a charge: name it");
        demand(line.Tier is null or >= 1, ErrorClass.SemanticNumber, $"{at}/tier", "tiers count from 1");
        foreach (var (text, name) in new[] { (line.Id, "id"), (line.Text, "text"), (line.Charge, "charge"), (line.Period, "period"), (line.Version, "version"), (line.Unit, "unit") })
        {
            demand(text is null || Identifiers.IsPlainText(text, 200), ErrorClass.SemanticText, $"{at}/{name}", "has 1 to 200 visible characters");
        }
    }
}
