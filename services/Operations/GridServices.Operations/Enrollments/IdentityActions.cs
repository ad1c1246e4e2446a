using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>What is missing for the site to be known to the utility's head end.</summary>
internal static class IdentityActions
{
    public static IEnumerable<RequiredAction> Compute(Enrollment enrollment, EnrollmentFacts facts, Instant now) => facts.Template.Protocol switch
    {
        ProgramProtocol.OpenAdr20b => OpenAdr(enrollment.Identity).Concat(Certificate(enrollment.Identity.VtnUrl, facts, now)),
        ProgramProtocol.Ieee2030Dot5 => Ieee(enrollment.Identity, facts).Concat(Certificate(enrollment.Identity.Server, facts, now)),
        _ => [],
    };

    private static IEnumerable<RequiredAction> OpenAdr(ProtocolIdentity identity)
    {
        if (!IsUrl(identity.VtnUrl))
        {
            yield return Action("identity.vtnUrl", "vtnUrl", "state the VTN's URL, such as https://dr.utility.example/OpenADR2/Simple/2.0b");
        }

        if (string.IsNullOrWhiteSpace(identity.VenName))
        {
            yield return Action("identity.venName", "venName", "state the VEN's name; the utility registers it");
        }
    }

    private static IEnumerable<RequiredAction> Ieee(ProtocolIdentity identity, EnrollmentFacts facts)
    {
        if (!IsUrl(identity.Server))
        {
            yield return Action("identity.server", "server", "state the URL of the utility's server, such as https://utility.example/dcap");
        }

        if (Differs(identity.Lfdi, facts.Certificate?.Lfdi))
        {
            yield return Action("identity.lfdiDiffers", "lfdi", $"the certificate's LFDI is {facts.Certificate!.Lfdi}: use the certificate that belongs to this LFDI, or tell the utility the new one and write it here");
        }

        if (!string.IsNullOrEmpty(identity.Lfdi) && !string.IsNullOrEmpty(identity.Sfdi) && DeviceIdentifiers.CheckPair(identity.Lfdi, identity.Sfdi) is { Code: "sfdi.other" } pair)
        {
            yield return Action(pair.Code, "sfdi", pair.Text!);
        }

        foreach (var (text, member, check) in new (string?, string, Func<string, IdentifierCheck>)[]
        {
            (identity.Pin, "pin", DeviceIdentifiers.CheckPin), (identity.Lfdi, "lfdi", DeviceIdentifiers.CheckLfdi), (identity.Sfdi, "sfdi", DeviceIdentifiers.CheckSfdi),
            (identity.Nmi, "nmi", nmi => MeterIdentifiers.Check(IdentifierScheme.Nmi, nmi, facts.Template.Utility)),
        })
        {
            if (!string.IsNullOrEmpty(text) && check(text) is { Verdict: not IdentifierVerdict.Valid } found)
            {
                yield return Action(found.Code!, member, found.Text!) with { Blocks = found.Verdict == IdentifierVerdict.Error };
            }
        }
    }

    private static bool Differs(string? typed, string? calculated) =>
        !string.IsNullOrEmpty(typed) && calculated is not null && DeviceIdentifiers.CheckLfdi(typed) is { MayBeUsed: true } check && check.Normal != calculated;

    private static IEnumerable<RequiredAction> Certificate(string? url, EnrollmentFacts facts, Instant now)
    {
        if (facts.Certificate is not { } certificate)
        {
            if (url?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true)
            {
                yield return Action("identity.certificate", "certificateId", "choose the client certificate, or make a key and a request for one");
            }

            yield break;
        }

        var state = CertificateWatch.GetState(certificate, now);
        if (state is not (CertificateState.Installed or CertificateState.Expiring))
        {
            yield return Action($"certificate.{Contracts.EnumNames<CertificateState>.GetName(state)}", "certificateId", state switch
            {
                CertificateState.Expired => "the certificate is over; renew it",
                CertificateState.Revoked => "the certificate was revoked; use another",
                _ => "the certificate is not installed yet",
            });
        }
    }

    private static bool IsUrl(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.Host.Length > 0;

    private static RequiredAction Action(string code, string member, string text) => RequiredActions.Action(code, $"/identity/{member}", text);
}
