using GridServices.Hosting.Refusals;
using GridServices.Operations.Access;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Registry;
using Microsoft.AspNetCore.Mvc;

namespace GridServices.Operations.Service.Console.Pages;

internal sealed partial class EnrollStepPage
{
    private const int MostCertificates = 200;
    private string? _added;

    internal Certificate? Certificate => Certificates.FirstOrDefault(c => c.Id == Value("identity.certificateId"));

    internal IEnumerable<(string Value, string Text)> CertificateChoices => Certificates.Select(c => (c.Id, $"{c.Subject} ({Ui.T.Word("certificateState", c.State)})"));

    internal IEnumerable<(string Label, string Id, string Value)> CertificateNumbers => new (string, string, string?)[]
    {
        (Ui.T["identity.fingerprint"], "fingerprint", Certificate?.Fingerprint10), (Ui.T["identity.lfdi"], "lfdi", Certificate?.Lfdi), (Ui.T["identity.sfdi"], "sfdi", Certificate?.Sfdi),
    }.Where(n => n.Item3 is not null).Select(n => (n.Item1, n.Item2, n.Item3!));

    /// <summary>The template's questions.</summary>
    internal IEnumerable<FieldView> AnswerFields => Template.RequiredFields.Select(CreateView);

    private FieldView CreateView(TemplateField field)
    {
        var view = new FieldView(Name(field), Ui.T.Find($"field.{Template.Code}.{field.Name}") ?? field.Label, Value(Name(field)) ?? Shown(field, Held.Answers[field.Name]))
        {
            Hint = field.When is { } when ? Ui.T["field.onlyWhen", GetLabel(when.Field), FormatValue(when.Value), field.Help] : field.Help,
            Unit = field.Unit,
            Required = field.Required && field.When is null,
            Error = Error(Name(field)),
        };
        return field.Type switch
        {
            FieldType.Boolean => view with { Choices = [("", Ui.T["none"]), ("true", Ui.T["yes"]), ("false", Ui.T["no"])] },
            FieldType.Attestation => view with { Choices = [("", Ui.T["none"]), ("true", Ui.T["yes"])] },
            FieldType.Choice => view with { Choices = [("", Ui.T["none"]), .. field.Choices.Select(choice => (choice, choice))] },
            FieldType.Date => view with { Type = "date" },
            FieldType.Email => view with { Type = "email" },
            _ => view,
        };
    }

    private static string Name(TemplateField field) => $"answers.{field.Name}";

    private string GetLabel(string field) => Template.RequiredFields.FirstOrDefault(f => f.Name == field)?.Label ?? field;

    private string FormatValue(string value) => value switch { "true" => Ui.T["yes"], "false" => Ui.T["no"], _ => value };

    /// <summary>Numbers are stored in one form and shown in the reader's.</summary>
    private string? Shown(TemplateField field, string? answer) => field.Type is FieldType.Number or FieldType.Integer
        && decimal.TryParse(answer, System.Globalization.CultureInfo.InvariantCulture, out var number) ? InNumber(number) : answer;

    private async Task SaveDetailsAsync()
    {
        var answers = Template.RequiredFields.Aggregate(Held.Answers, (all, field) => all.With(field.Name, Answer(field)));
        foreach (var fault in Template.RequiredFields.Where(f => answers[f.Name] is not null && !Errors.ContainsKey(Name(f)) && FormAnswers.IsAsked(f.When, answers)))
        {
            if (FormAnswers.FindFault(fault, answers[fault.Name]!) is { } text)
            {
                Errors[Name(fault)] = text;
            }
        }

        var amounts = Nominations.Select(due => (Due: due, Kw: Number($"nomination.{due.DeliveryPeriod}"))).ToList();
        await ChangeAsync(body => body with { Answers = answers });
        foreach (var (due, kw) in amounts.Where(a => Errors.Count == 0 && a.Kw is not null && a.Kw != a.Due.Existing?.Kw))
        {
            await NominateAsync(due, kw!.Value);
        }
    }

    private Task NominateAsync(NominationDue due, decimal kw) => store.WriteAsync(
        Ui.Actor,
        async transaction =>
        {
            var body = due.Existing is { State: NominationState.Draft } draft ? nominationHandler.ToBody(draft) with { Kw = kw } : new NominationBody { EnrollmentId = Held.Id, DeliveryPeriod = due.DeliveryPeriod, Kw = kw };
            var saved = due.Existing is { State: NominationState.Draft } held ? await nominationHandler.ChangeAsync(transaction, held, body) : await nominationHandler.CreateAsync(transaction, body);
            await nominationHandler.SubmitAsync(transaction, saved);
            Held = await commands.EvaluateAsync(transaction, Held.Id);
        },
        HttpContext.RequestAborted);

    private string? Answer(TemplateField field)
    {
        var name = Name(field);
        return field.Type is FieldType.Number or FieldType.Integer ? Number(name)?.ToString(System.Globalization.CultureInfo.InvariantCulture) : Text(name);
    }

    private async Task LoadIdentityAsync(CancellationToken ct)
    {
        var openAdr = Template.Protocol == ProgramProtocol.OpenAdr20b;
        Certificates = [.. (await certificates.PageAsync(Ui.Tenant, new Storage.ListQuery(MostCertificates, Descending: true), ct)).Items
            .Where(c => openAdr == c.Kind is CertificateKind.OpenAdrRsa or CertificateKind.OpenAdrEc)];
        if (Held.Identity.CertificateId is { } held && Certificates.All(c => c.Id != held) && await certificates.FindAsync(Ui.Tenant, held, ct) is { } older)
        {
            Certificates = [older, .. Certificates];
        }

        if (CallsByWire && Held.Identity is { VenKey: not null } or { ClientKey: not null })
        {
            Doctor = await doctors.ReadAsync(Held, Template.Protocol, Ui.T, ct);
        }

        if (Held.Identity.CertificateId is { } chosen && Certificates.FirstOrDefault(c => c.Id == chosen) is { State: CertificateState.CsrMade or CertificateState.Sent })
        {
            Csr = await certificateFiles.RequestTextAsync(Ui.Tenant, chosen, ct);
        }
    }

    private void FillIdentity()
    {
        var identity = Held.Identity;
        (Initial["identity.vtnUrl"], Initial["identity.venName"], Initial["identity.venId"]) = (identity.VtnUrl, identity.VenName ?? Held.SiteId, identity.VenId);
        (Initial["identity.marketContext"], Initial["identity.certificateId"]) = (identity.MarketContext, identity.CertificateId);
        (Initial["identity.server"], Initial["identity.pin"], Initial["identity.nmi"]) = (identity.Server, identity.Pin, identity.Nmi);
        Initial["identity.trustedRoots"] = identity.TrustedRoots;
    }

    /// <summary>Certificates that are pasted become a file; a path that is there stays.</summary>
    private string? ReadRoots()
    {
        var text = Text("identity.trustedRoots");
        if (text is null || !text.Contains("-----BEGIN", StringComparison.Ordinal))
        {
            return text;
        }

        var path = certificateFiles.SaveRoots(Held.Tenant, text);
        if (path is null)
        {
            Errors["identity.trustedRoots"] = Ui.T["identity.trustedRootsFault"];
        }

        return path;
    }

    private ProtocolIdentity ReadIdentity() => Template.Protocol switch
    {
        ProgramProtocol.OpenAdr20b => Held.Identity with
        {
            VtnUrl = Text("identity.vtnUrl"),
            VenName = Text("identity.venName"),
            VenId = Text("identity.venId"),
            MarketContext = Text("identity.marketContext"),
            CertificateId = Text("identity.certificateId"),
            TrustedRoots = ReadRoots(),
        },
        ProgramProtocol.Ieee2030Dot5 => Held.Identity with
        {
            Server = Text("identity.server"),
            Pin = Text("identity.pin"),
            Nmi = Text("identity.nmi"),
            CertificateId = Text("identity.certificateId"),
            TrustedRoots = ReadRoots(),
            Lfdi = Certificate?.Lfdi ?? Held.Identity.Lfdi,
            Sfdi = Certificate?.Sfdi ?? Held.Identity.Sfdi,
        },
        _ => Held.Identity,
    };

    private async Task<IActionResult> MakeCertificateAsync()
    {
        Ui.Actor.Require(UserPermission.Administer, AccessTarget.Tenant, Ui.Settings);
        var kind = Template.Protocol == ProgramProtocol.OpenAdr20b ? CertificateKind.OpenAdrEc : CertificateKind.Ieee2030Dot5Device;
        var name = Held.SiteId.Replace(",", " ", StringComparison.Ordinal);
        var identity = ReadIdentity();
        var done = await TryAsync(() => store.WriteAsync(
            Ui.Actor,
            async transaction =>
            {
                var made = await certificateCommands.CreateAsync(transaction, new CertificateBody { Kind = kind, Subject = $"CN={name}" });
                Held = await handler.ChangeAsync(transaction, Held, handler.ToBody(Held) with { Identity = identity with { CertificateId = made.Certificate.Id } });
            },
            HttpContext.RequestAborted));
        return done ? Redirect($"/enroll/{Held.Id}/identity") : Page();
    }

    /// <summary>Whether there is something to sign that is not signed.</summary>
    internal bool MayAsk => SignatureRequest.FindObstacle(Held, Template, Ui.Now) is null;

    /// <summary>Mails the chosen signer, or the one that was just added, a link.</summary>
    private Task<bool> AskAsync() => TryAsync(async () =>
    {
        try
        {
            await store.WriteAsync(Ui.Actor, transaction => signing.AskAsync(transaction, Held, new SignatureBody { ContactId = _added ?? Text("consent.contactId"), Until = Date("consent.until") }), HttpContext.RequestAborted);
        }
        catch (ProblemException refused) when (refused.Problem.Status == StatusCodes.Status409Conflict)
        {
            Errors["consent.contactId"] = refused.Problem.Detail ?? refused.Problem.Title;
        }
    });

    private async Task SaveConsentAsync()
    {
        var (signed, until, signer) = (Date("consent.signedAt"), Date("consent.until"), Text("consent.contactId"));
        if (Text("contact.name") is { } name)
        {
            var email = Required("contact.email");
            if (Errors.Count > 0)
            {
                return;
            }

            var contact = await store.WriteAsync(
                Ui.Actor, transaction => contactHandler.CreateAsync(transaction, new ContactBody { CustomerId = _site.CustomerId, Name = name, Email = email, Role = ContactRole.AuthorizedSigner }), HttpContext.RequestAborted);
            (signer, _added) = (contact.Id, contact.Id);
        }

        var consent = signer is null || signed is null ? Held.Consent : new Consent
        {
            ContactId = signer,
            SignedAt = Zone.AtStartOfDay(signed.Value).ToInstant(),
            Until = until,
            Scope = $"{Template.Name} ({Template.Code}), {Held.SiteId}",
        };
        await ChangeAsync(body => body with { Consent = consent });
        if (Errors.Count == 0)
        {
            // A new signer changes what is missing even where the enrollment itself stays the same.
            Held = await store.WriteAsync(Ui.Actor, transaction => commands.EvaluateAsync(transaction, Held.Id), HttpContext.RequestAborted);
        }
    }
}
