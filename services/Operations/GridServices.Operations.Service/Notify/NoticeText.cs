using System.Text;
using GridServices.Contracts;

namespace GridServices.Operations.Service.Notify;

/// <summary>The texts of messages, in the contact's language where there is one, else in English.</summary>
internal static class NoticeText
{
    private static readonly Dictionary<string, Dictionary<Trigger, string>> Titles = new(StringComparer.Ordinal)
    {
        ["en"] = new()
        {
            [Trigger.EventAnnounced] = "Event announced", [Trigger.EventChanged] = "Event changed", [Trigger.EventCancelled] = "Event cancelled", [Trigger.EventStarts] = "Event starts soon",
            [Trigger.EventEnded] = "Event ended", [Trigger.NoAcknowledgement] = "Nobody has acknowledged yet", [Trigger.SiteSilent] = "A site is silent in an event", [Trigger.OptChangedByMachine] = "An opt was changed by a machine",
            [Trigger.EnrollmentDeadline] = "A deadline is near", [Trigger.RequiredAction] = "Something is needed from you", [Trigger.EnrollmentAccepted] = "Enrollment accepted", [Trigger.EnrollmentRejected] = "Enrollment rejected",
            [Trigger.CertificateEnds] = "A certificate ends", [Trigger.Drift] = "A setting was changed by hand",
        },
        ["de"] = new()
        {
            [Trigger.EventAnnounced] = "Abruf angekündigt", [Trigger.EventChanged] = "Abruf geändert", [Trigger.EventCancelled] = "Abruf abgesagt", [Trigger.EventStarts] = "Abruf beginnt bald",
            [Trigger.EventEnded] = "Abruf beendet", [Trigger.NoAcknowledgement] = "Noch nicht bestätigt", [Trigger.SiteSilent] = "Ein Standort meldet sich im Abruf nicht", [Trigger.OptChangedByMachine] = "Eine Teilnahme wurde maschinell geändert",
            [Trigger.EnrollmentDeadline] = "Eine Frist läuft ab", [Trigger.RequiredAction] = "Von Ihnen wird etwas benötigt", [Trigger.EnrollmentAccepted] = "Anmeldung angenommen", [Trigger.EnrollmentRejected] = "Anmeldung abgelehnt",
            [Trigger.CertificateEnds] = "Ein Zertifikat läuft ab", [Trigger.Drift] = "Eine Einstellung wurde von Hand geändert",
        },
        ["fr"] = new()
        {
            [Trigger.EventAnnounced] = "Événement annoncé", [Trigger.EventChanged] = "Événement modifié", [Trigger.EventCancelled] = "Événement annulé", [Trigger.EventStarts] = "L'événement commence bientôt",
            [Trigger.EventEnded] = "Événement terminé", [Trigger.NoAcknowledgement] = "Pas encore confirmé", [Trigger.SiteSilent] = "Un site ne répond pas pendant un événement", [Trigger.OptChangedByMachine] = "Une participation a été modifiée par une machine",
            [Trigger.EnrollmentDeadline] = "Une échéance approche", [Trigger.RequiredAction] = "Une action de votre part est requise", [Trigger.EnrollmentAccepted] = "Inscription acceptée", [Trigger.EnrollmentRejected] = "Inscription refusée",
            [Trigger.CertificateEnds] = "Un certificat expire", [Trigger.Drift] = "Un réglage a été modifié à la main",
        },
    };

    private static readonly Dictionary<string, string> Acknowledge = new(StringComparer.Ordinal)
    {
        ["en"] = "Please acknowledge (no sign-in, valid 24 hours):", ["de"] = "Bitte bestätigen (ohne Anmeldung, 24 Stunden gültig):", ["fr"] = "Veuillez confirmer (sans connexion, valable 24 heures) :",
    };

    internal static string SubjectOf(MessageDue message) => message.Parts.Count == 1 ? TitleOf(message.Parts[0].Trigger, message.Language) : $"{TitleOf(message.Parts[0].Trigger, message.Language)} (+{message.Parts.Count - 1})";

    internal static string BodyOf(MessageDue message, string? link)
    {
        var text = new StringBuilder();
        foreach (var part in message.Parts)
        {
            text.Append(TitleOf(part.Trigger, message.Language)).Append('\n');
            foreach (var argument in part.Arguments)
            {
                text.Append("  ").Append(argument.Name).Append(": ").Append(argument.Value).Append('\n');
            }

            text.Append('\n');
        }

        return link is null ? text.ToString() : text.Append(Acknowledge[Known(message.Language)]).Append('\n').Append(link).Append('\n').ToString();
    }

    private static string TitleOf(Trigger trigger, string language) => Titles[Known(language)].GetValueOrDefault(trigger) ?? Titles["en"].GetValueOrDefault(trigger) ?? EnumNames<Trigger>.Of(trigger);

    private static string Known(string language) => Titles.ContainsKey(language.Split('-')[0]) ? language.Split('-')[0] : "en";
}
