using GridServices.Adapters.Oscp;

namespace GridServices.Adapters.Service.Oscp;

/// <summary>
/// What both sides know of each other: tokens and addresses, whether hands are shaken, and what is owed. On disk before it counts. Safe for several threads.
/// <code>
///   who comes with     knows our token   is owed our registration
///   the first token    no                yes, unless it answers ours
///   our own token      yes               no
/// </code>
/// </summary>
internal sealed class OscpSession
{
    private readonly Lock _gate = new();
    private readonly OscpPlan plan;
    private OscpRegistration registration;
    private OscpPendingReply? owedRegistration;
    private OscpPendingReply? owedHandshake;
    private volatile bool _isNew;
    private volatile bool _isShaken;

    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public OscpSession(OscpPlan plan)
    {
        (this.plan, registration, Heartbeat) = (plan, OscpRegistration.Read(plan.RegistrationFile), plan.Heartbeat);
        owedRegistration = registration.IsOwed ? new OscpPendingReply(null) : null;
    }

    public OscpRegistration Registration => Locked(() => registration);

    /// <summary>We are heard so often: as planned, or as the other side wants where that is more often.</summary>
    public TimeSpan Heartbeat { get; private set; }

    /// <summary>Either side has shaken hands since the registration.</summary>
    public bool IsShaken => _isShaken;

    /// <summary>The other side registered since <see cref="Begin"/>: it knows nothing of what was sent before.</summary>
    public bool IsNew => _isNew;

    /// <summary>Our registration, which the other side does not have; null: it has.</summary>
    public OscpPendingReply? OwedRegistration => Locked(() => owedRegistration);

    /// <summary>The acknowledgement of the other side's handshake; null: none is due.</summary>
    public OscpPendingReply? OwedHandshake => Locked(() => owedHandshake);

    /// <summary>The token of the first registration.</summary>
    /// <exception cref="IOException">Its file can't be read.</exception>
    public string FirstToken() => File.ReadLines(plan.TokenFile).FirstOrDefault()?.Trim() ?? string.Empty;

    /// <summary>What is sent from here on is sent to who is registered now.</summary>
    public void Begin() => _isNew = false;

    /// <summary>Our token, on disk before anybody is told it.</summary>
    public void Save() => Locked(() => registration.Write(plan.RegistrationFile));

    /// <summary>Who is not registered yet, or has not heard that it is, comes with the first token, and with that to register alone.</summary>
    public bool IsAuthorized(string message, string token)
    {
        // The file is read outside the gate: whoever comes with any token must not keep the others waiting for a disk.
        var known = Registration;
        return OscpServer.AreSame(token, known.OwnToken) || (message == "register" && (known.PeerToken is null || known.IsOwed) && IsFirst(token));
    }

    /// <summary>The other side's registration; what is wrong with it, or null.</summary>
    public string? HandleRegistration(OscpMessage message)
    {
        if (OscpMessages.ReadRegistration(message.Body, out var fault) is not { } peer)
        {
            return fault;
        }

        if (peer.Version2() is { } address && !plan.Allows(address))
        {
            return $"base_url {address} is no https address: forecasts and tokens would go to it in the clear. Name one with TLS, or set Oscp:AllowPlain to true where the network is one's own.";
        }

        return Locked(() =>
        {
            if (!IsAuthorized(message.Name, message.Token))
            {
                return "Somebody else has registered meanwhile.";
            }

            var isOwed = !OscpServer.AreSame(message.Token, registration.OwnToken) && string.IsNullOrEmpty(message.Answers);
            var with = registration.With(peer, isOwed);
            with.Write(plan.RegistrationFile);
            (registration, owedRegistration, owedHandshake) = (with, isOwed ? new OscpPendingReply(message.Request) : null, null);
            (_isShaken, _isNew) = (false, true);
            return null;
        });
    }

    public void HandleHandshake(OscpMessage message) => Locked(() =>
    {
        Heartbeat = OscpMessages.HeartbeatWanted(message.Body) is { } wanted && wanted.ToTimeSpan() < plan.Heartbeat ? wanted.ToTimeSpan() : plan.Heartbeat;
        owedHandshake = new OscpPendingReply(message.Request);
        _isShaken = true;
    });

    public void HandleAcknowledgement() => _isShaken = true;

    /// <summary>The other side took what it was owed; what became due meanwhile stays due.</summary>
    public void RemovePending(OscpPendingReply owed) => Locked(() =>
    {
        if (ReferenceEquals(owed, owedHandshake))
        {
            owedHandshake = null;
        }

        if (ReferenceEquals(owed, owedRegistration))
        {
            var with = registration with { IsOwed = false };
            with.Write(plan.RegistrationFile);
            (registration, owedRegistration) = (with, null);
        }
    });

    private bool IsFirst(string token)
    {
        try
        {
            return FirstToken() is { Length: > 0 } first && OscpServer.AreSame(token, first);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private T Locked<T>(Func<T> look)
    {
        lock (_gate)
        {
            return look();
        }
    }

    private void Locked(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }
}
