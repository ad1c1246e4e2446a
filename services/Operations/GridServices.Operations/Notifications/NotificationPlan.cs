using GridServices.Contracts;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>A message that is to be sent now.</summary>
public sealed record MessageDue
{
    /// <summary>The same key is never sent twice; it is logged when the message is handed to its channel.</summary>
    public required string Key { get; init; }

    public required string RecipientId { get; init; }
    public required Channel Channel { get; init; }
    public required string Language { get; init; }

    /// <summary>IANA; the times in the parts are already in it.</summary>
    public required string TimeZone { get; init; }

    /// <summary>One, or in a digest several.</summary>
    public required ValueList<MessagePart> Parts { get; init; }

    public bool IsDigest { get; init; }
    public bool Emergency { get; init; }

    /// <summary>Whether the message carries a link to acknowledge by.</summary>
    public bool WantsAcknowledgement { get; init; }

    /// <summary>What to log as sent beside <see cref="Key"/>: of a digest, the parts.</summary>
    public ValueList<string> Covers { get; init; } = [];
}

/// <summary>One notice inside a message.</summary>
public sealed record MessagePart(Trigger Trigger, string Subject, string Occasion, string TextKey, ValueList<MessageArgument> Arguments);

/// <summary>What was sent, as logged by <see cref="MessageDue.Key"/> or <see cref="MessageDue.Covers"/>.</summary>
public sealed record SentMessage(string Key, string RecipientId, string Subject, Instant SentAt, Instant? AcknowledgedAt = null);

/// <summary>The tenant's choices.</summary>
public sealed record NotificationSettings
{
    /// <summary>How long a primary contact has before the backup is told.</summary>
    public Duration AcknowledgeWithin { get; init; } = Duration.FromMinutes(15);
}

/// <summary>Who is told what now. The same question again, with the log of what was sent, gives nothing.</summary>
public static class NotificationPlan
{
    /// <param name="notices">Everything that is or was to be told and is still of use.</param>
    /// <param name="recipients">Of the tenant.</param>
    /// <param name="log">What was sent, at least as far back as the notices reach.</param>
    /// <param name="settings">The tenant's.</param>
    /// <param name="now">The time of the question.</param>
    public static IReadOnlyList<MessageDue> Due(
        IEnumerable<Notice> notices, IReadOnlyCollection<Recipient> recipients, IReadOnlyCollection<SentMessage> log, NotificationSettings settings, Instant now)
    {
        var sent = log.Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        Notice[] live = [.. notices.Where(n => n.At <= now && !(n.Expires <= now))];
        var (escalation, first) = (new Escalation(recipients, log, settings, now), new AudienceIndex(live));
        var index = new AudienceIndex([.. live, .. live.Where(n => n.NeedsAcknowledgement).SelectMany(n => escalation.Escalate(n, first))]);
        return [.. recipients.OrderBy(r => r.Id, StringComparer.Ordinal).SelectMany(r => DueTo(r, [.. index.GetNotices(r)], sent.Contains, now))];
    }

    /// <summary>What a notice to a recipient by a channel is logged under.</summary>
    public static string GetKey(Notice notice, string recipientId, Channel channel) =>
        $"{EnumNames<Trigger>.GetName(notice.Trigger)}|{notice.Subject}|{notice.Occasion}|{recipientId}|{EnumNames<Channel>.GetName(channel)}";

    private static IEnumerable<MessageDue> DueTo(Recipient recipient, Notice[] notices, Func<string, bool> wasSent, Instant now)
    {
        var isQuiet = recipient.IsQuietAt(now);
        foreach (var notice in notices.Where(n => (n.Emergency || !isQuiet) && !(n.CanWait && recipient.DigestAt is not null)).OrderBy(n => n.At).ThenBy(n => n.Occasion, StringComparer.Ordinal))
        {
            foreach (var channel in recipient.Channels.Where(c => !wasSent(GetKey(notice, recipient.Id, c))))
            {
                yield return CreateMessage(recipient, notice, channel);
            }
        }

        if (!isQuiet && CreateDigest(recipient, notices, wasSent, now) is { } digest)
        {
            yield return digest;
        }
    }

    /// <summary>A notice to a recipient by a channel, its times in the recipient's zone.</summary>
    public static MessageDue CreateMessage(Recipient recipient, Notice notice, Channel channel) => new()
    {
        Key = GetKey(notice, recipient.Id, channel),
        RecipientId = recipient.Id,
        Channel = channel,
        Language = recipient.Language,
        TimeZone = recipient.Zone.Id,
        Parts = [CreatePart(recipient, notice)],
        Emergency = notice.Emergency,
        WantsAcknowledgement = notice.NeedsAcknowledgement || notice.Trigger == Trigger.NoAcknowledgement,
    };

    private static MessageDue? CreateDigest(Recipient recipient, Notice[] notices, Func<string, bool> wasSent, Instant now)
    {
        var local = now.InZone(recipient.Zone).LocalDateTime;
        if (recipient.DigestAt is not { } at || local.TimeOfDay < at || recipient.Channels.Count == 0)
        {
            return null;
        }

        var channel = recipient.Channels.Contains(Channel.Email) ? Channel.Email : recipient.Channels[0];
        var key = $"digest|{NodaTime.Text.LocalDatePattern.Iso.Format(local.Date)}|{recipient.Id}|{EnumNames<Channel>.GetName(channel)}";
        Notice[] waiting = [.. notices.Where(n => n.CanWait && !wasSent(GetKey(n, recipient.Id, channel))).OrderBy(n => n.At).ThenBy(n => n.Subject, StringComparer.Ordinal)];
        return waiting.Length == 0 || wasSent(key) ? null : new MessageDue
        {
            Key = key,
            RecipientId = recipient.Id,
            Channel = channel,
            Language = recipient.Language,
            TimeZone = recipient.Zone.Id,
            Parts = waiting.Select(n => CreatePart(recipient, n)).ToValueList(),
            IsDigest = true,
            Covers = waiting.Select(n => GetKey(n, recipient.Id, channel)).ToValueList(),
        };
    }

    private static MessagePart CreatePart(Recipient recipient, Notice notice) =>
        new(notice.Trigger, notice.Subject, notice.Occasion, notice.TextKey, notice.Arguments.Select(a => a.In(recipient.Zone)).ToValueList());
}
