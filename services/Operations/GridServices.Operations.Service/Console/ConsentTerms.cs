using System.Security.Cryptography;
using System.Text;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Registry;
using NodaTime;

namespace GridServices.Operations.Service.Console;

/// <summary>What a signer signs, in the signer's language: facts by label, then the sentences. Meters by their last digits, for the text is kept with the enrollment.</summary>
internal sealed record ConsentTerms(IReadOnlyList<(string Label, string Text)> Facts, IReadOnlyList<string> Sentences)
{
    /// <summary>All of it as text, as it is kept with the consent.</summary>
    internal string Scope => string.Join('\n', Facts.Select(f => $"{f.Label}: {f.Text}").Concat(Sentences));

    /// <summary>Tells whether what was read is what is signed; hex.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Scope)));

    internal static ConsentTerms Create(PageUi ui, Enrollment enrollment, ProgramTemplate template, Site site, IEnumerable<MeterPoint> meters, IEnumerable<Nomination> nominations, LocalDate? until)
    {
        var t = ui.T;
        var offered = nominations.Where(n => !n.Prefilled).Select(n => $"{n.DeliveryPeriod}: {ui.N.Kilowatts(n.Kw)}").ToList();
        (string, string?)[] facts =
        [
            (t["signPage.program"], $"{template.Name} ({template.Ref})"), (t["signPage.utility"], template.Utility), (t["signPage.site"], $"{site.Name} ({site.SiteId})"),
            (t["signPage.meters"], string.Join(", ", meters.Where(m => enrollment.MeterPointIds.Contains(m.Id)).Select(m => Masking.Tail(m.Identifier)))),
            (t["enrollment.period"], $"{ui.When.Date(enrollment.Period.From)} – {(enrollment.Period.Until is { } last ? ui.When.Date(last) : t["enrollment.noEnd"])}"),
            (t["signPage.offered"], string.Join(", ", offered)), (t["signPage.notice"], template.Limits.Notice is { } notice ? ui.When.Length(notice.Value) : null),
            (t["signPage.calls"], template.Limits.MaxEvents is { } most ? ui.N.Count(most.Value) : null), (t["signPage.penalty"], template.Penalty?.Value),
        ];
        return new ConsentTerms(
            [.. facts.Where(f => !string.IsNullOrEmpty(f.Item2)).Select(f => (f.Item1, f.Item2!))],
            [t["signPage.term1"], t["signPage.term2"], t["signPage.term3"], until is { } end ? t["signPage.termUntil", ui.When.Date(end)] : t["signPage.termOpen"], t["signPage.termRevoke"]]);
    }
}
