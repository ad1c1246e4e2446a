namespace GridServices.Operations.Registry.Identifiers;

/// <summary>
/// Checks the numbers of meter points and accounts by their scheme. What a scheme itself fixes (length, alphabet, check digit) is an error;
/// what only a utility's habit says is a warning, because habits change.
/// </summary>
public static class MeterIdentifiers
{
    private const int MaxLength = 64;

    /// <param name="scheme">Whose numbering.</param>
    /// <param name="text">As typed; blanks and dashes are taken out where the scheme has none.</param>
    /// <param name="utility">The network or utility (a template's <c>utility</c>), where its habit matters; null = not known.</param>
    public static IdentifierCheck Check(IdentifierScheme scheme, string text, string? utility = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = Compact(text);
        return plain.Length switch
        {
            0 => IdentifierCheck.Error(plain, "identifier.missing", "the number is missing; it is on the bill"),
            > MaxLength => IdentifierCheck.Error(plain, "identifier.tooLong", $"has {plain.Length} characters; at most {MaxLength} are kept"),
            _ => From(scheme, plain, text.Trim(), utility),
        };
    }

    /// <summary>Account numbers: PG&amp;E 11 digits, Con Edison 11 (15 until 2023); others are only asked to be printable.</summary>
    public static IdentifierCheck CheckAccount(IdentifierScheme scheme, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = Compact(text);
        return scheme switch
        {
            IdentifierScheme.PgeSaId => Digits(plain, "pge.account", "PG&E account number", 11),
            IdentifierScheme.ConEdAccount => Digits(plain, "conEd.account", "Con Edison account number", 11, 15),
            _ => Free(text.Trim()),
        };
    }

    private static IdentifierCheck From(IdentifierScheme scheme, string plain, string typed, string? utility) => scheme switch
    {
        IdentifierScheme.Nmi => Nmi(plain.ToUpperInvariant(), utility),
        IdentifierScheme.Mpan => Mpan(plain),
        IdentifierScheme.Ean => Ean(plain),
        IdentifierScheme.EsiId => EsiId(plain),
        IdentifierScheme.PgeSaId => Digits(plain, "pge.saId", "PG&E service agreement ID", 10),
        IdentifierScheme.SceSa => Digits(plain, "sce.serviceAccount", "SCE service account", 10),
        IdentifierScheme.SdgeSa => Digits(plain, "sdge.serviceAgreement", "SDG&E service agreement", 10),
        IdentifierScheme.ConEdAccount => Digits(plain, "conEd.account", "Con Edison account number", 11, 15),
        IdentifierScheme.HqContract => Digits(plain, "hq.contract", "Hydro-Québec contract number", 9),
        _ => Free(typed),
    };

    private static IdentifierCheck Nmi(string nmi, string? utility)
    {
        if (nmi.Length is not (10 or 11))
        {
            return IdentifierCheck.Error(nmi, "nmi.length", $"an NMI has 10 characters, or 11 with its check digit; this has {nmi.Length}");
        }

        if (nmi.Any(c => !char.IsAsciiLetterOrDigit(c) || c is 'I' or 'O'))
        {
            return IdentifierCheck.Error(nmi, "nmi.alphabet", "an NMI is made of digits and letters without I and O; write 1 and 0 where those were meant");
        }

        var check = CheckDigits.Nmi(nmi.AsSpan(0, 10));
        if (nmi.Length == 11 && nmi[10] != check)
        {
            return IdentifierCheck.Error(nmi, "nmi.checkDigit", $"the check digit after {nmi[..10]} is {check}, not {nmi[10]}; compare with the bill, character by character");
        }

        return NmiForm(nmi, check, utility);
    }

    // SA Power Networks lists connection points by ten characters, Victorian networks by eleven.
    private static IdentifierCheck NmiForm(string nmi, char check, string? utility) => (utility, nmi.Length) switch
    {
        ("SA Power Networks", 11) => IdentifierCheck.Warn(nmi, "nmi.tenWanted", $"SA Power Networks takes the form of ten characters first; write {nmi[..10]}"),
        ("AusNet" or "CitiPower" or "Powercor" or "United Energy" or "Jemena" or "Victorian networks", 10) =>
            IdentifierCheck.Warn(nmi, "nmi.elevenWanted", $"Victorian networks take the form of eleven characters; write {nmi}{check}"),
        _ => IdentifierCheck.Valid(nmi),
    };

    private static IdentifierCheck Mpan(string text)
    {
        if (!text.All(char.IsAsciiDigit) || text.Length is not (13 or 21))
        {
            return IdentifierCheck.Error(text, "mpan.length", "an MPAN has 13 digits, the bottom line of the box on the bill (21 with the top line)");
        }

        var core = text[^13..];
        var check = CheckDigits.Mpan(core.AsSpan(0, 12));
        if (core[12] != check)
        {
            return IdentifierCheck.Error(core, "mpan.checkDigit", $"the last digit must be {check} after {core[..12]}, not {core[12]}; compare with the bill, digit by digit");
        }

        return core[..2] is "00" or "01" or "02" or "03" or "04" or "05" or "06" or "07" or "08" or "09"
            ? IdentifierCheck.Warn(core, "mpan.distributor", $"no distributor has the number {core[..2]}; compare with the bill")
            : IdentifierCheck.Valid(core);
    }

    private static IdentifierCheck Ean(string text)
    {
        if (!text.All(char.IsAsciiDigit) || text.Length != 18)
        {
            return IdentifierCheck.Error(text, "ean.length", $"the EAN of a connection has 18 digits; this has {text.Length} characters");
        }

        var check = CheckDigits.Gs1(text.AsSpan(0, 17));
        return text[17] == check
            ? IdentifierCheck.Valid(text)
            : IdentifierCheck.Error(text, "ean.checkDigit", $"the last digit must be {check} after {text[..17]}, not {text[17]}; compare with the bill, digit by digit");
    }

    private static IdentifierCheck EsiId(string text)
    {
        if (!text.All(char.IsAsciiDigit) || text.Length is not (10 or (>= 17 and <= 36)))
        {
            return IdentifierCheck.Error(text, "esiId.length", $"an ESI ID has 17 to 36 digits (10 at some cooperatives); this has {text.Length} characters");
        }

        return text.StartsWith("10", StringComparison.Ordinal)
            ? IdentifierCheck.Valid(text)
            : IdentifierCheck.Warn(text, "esiId.start", "ESI IDs start with 10; compare with the bill");
    }

    private static IdentifierCheck Digits(string text, string code, string name, params ReadOnlySpan<int> lengths)
    {
        if (text.All(char.IsAsciiDigit) && lengths.Contains(text.Length))
        {
            return IdentifierCheck.Valid(text);
        }

        var wanted = string.Join(" or ", lengths.ToArray());
        return IdentifierCheck.Warn(text, code, text.All(char.IsAsciiDigit)
            ? $"a {name} usually has {wanted} digits; this has {text.Length}: compare with the bill"
            : $"a {name} is usually made of {wanted} digits only; compare with the bill");
    }

    private static IdentifierCheck Free(string text) => Contracts.Identifiers.IsPlainText(text, MaxLength)
        ? IdentifierCheck.Valid(text)
        : IdentifierCheck.Error(text, "identifier.characters", "has a character that cannot be printed; type it anew");

    private static string Compact(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not ('-' or '\u2010' or '\u2011' or '\u2013')));
}
