using GridServices.Operations.Service.Console.Texts;

namespace GridServices.Operations.Service.Console.Format;

/// <summary>Numbers as people read them: with a unit always, in kW or MW, in the signs of the language. Unknown is a dash, never 0.</summary>
internal sealed class Numbers(Language language)
{
    private const string Unknown = "–";
    private const decimal Kilo = 1_000m;
    private const decimal Mega = 1_000_000m;

    /// <summary>Measured power, rounded to what is worth reading: three digits or so.</summary>
    internal string Power(decimal? watts) => watts is { } w ? Scaled(w, "kW", "MW") : Unknown;

    /// <summary>A limit, exact to the watt: a limit that is rounded up is a wrong limit.</summary>
    internal string Limit(long? watts) => watts is not { } w ? Unknown
        : Math.Abs(w) < (long)Mega ? $"{Text(w / Kilo, "#,##0.###")}\u00a0kW" : $"{Text(w / Mega, "#,##0.######")}\u00a0MW";

    /// <summary>A limit of a conductor.</summary>
    internal string Amperes(decimal amperes) => $"{Text(amperes, "#,##0.###")}\u00a0A";

    /// <summary>Power of a form or a program, which is in kW.</summary>
    internal string Kilowatts(decimal? kilowatts) => kilowatts is { } kw ? $"{Text(kw, "#,##0.###")}\u00a0kW" : Unknown;

    /// <summary>Energy of Wh.</summary>
    internal string Energy(decimal? wattHours) => wattHours is { } wh ? Scaled(wh, "kWh", "MWh") : Unknown;

    internal string Money(decimal? amount, string currency, int digits = 2) => amount is { } a ? $"{Text(a, digits == 2 ? "#,##0.00" : "#,##0.00####")}\u00a0{currency}" : Unknown;

    /// <summary>A share of 1 as percent.</summary>
    internal string Percent(decimal? share) => share is { } s ? $"{Text(s * 100m, "0.#")}\u00a0%" : Unknown;

    internal string Count(long? count) => count is { } c ? Text(c, "#,##0") : Unknown;

    internal string Plain(decimal? number) => number is { } n ? Text(n, "#,##0.######") : Unknown;

    private string Scaled(decimal value, string kilo, string mega) => Math.Abs(value) < Mega
        ? $"{Text(value / Kilo, Math.Abs(value) < 10 * Kilo ? "0.##" : "#,##0.#")}\u00a0{kilo}"
        : $"{Text(value / Mega, "#,##0.##")}\u00a0{mega}";

    private string Text(decimal value, string format) => value.ToString(format, language.Numbers);
}
