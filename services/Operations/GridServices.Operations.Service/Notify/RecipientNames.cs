using GridServices.Operations.Notifications;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.SignIn;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Notify;

/// <summary>Who a message is for: a customer's contact or one of our own people. Names and addresses are read when they are needed, and not kept with the message.</summary>
internal sealed class RecipientNames(ContactStore contacts, UserStore users, SettingsStore settings)
{
    /// <summary>Null: gone, or never there.</summary>
    internal async Task<string?> FindAsync(string tenant, string id, CancellationToken ct) =>
        (await contacts.FindAsync(tenant, id, ct))?.Name ?? (await users.FindAsync(tenant, id, ct))?.Name;

    /// <summary>Null: there is none any more. People who sign in are told at their login, where that is a mail address.</summary>
    internal async Task<string?> MailAddressAsync(string tenant, string id, CancellationToken ct) => await contacts.FindAsync(tenant, id, ct) is { } contact
        ? contact.Email == Erasure.Word ? null : contact.Email
        : await users.FindAsync(tenant, id, ct) is { Disabled: false } user ? FindAddress(user) : null;

    /// <summary>Our own people, each with the roles that reach the whole tenant: who is for some sites only is told nothing of others.</summary>
    /// <param name="tenant">Whose people.</param>
    /// <param name="unread">Told of each whose row can't be read, and who is left out.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<IReadOnlyList<Recipient>> StaffAsync(string tenant, Action<string, Exception> unread, CancellationToken ct)
    {
        var held = await settings.GetAsync(tenant, ct);
        var staff = new List<Recipient>();
        foreach (var user in (await users.ListReadableAsync(tenant, unread, ct)).Where(u => !u.Disabled && FindAddress(u) is not null))
        {
            if (user.Grants.Where(g => g.Scope.IsEmpty).Select(g => g.Role).Distinct().ToList() is [var first, .. var others])
            {
                staff.Add(new Recipient { Id = user.Id, StaffRole = first, OtherRoles = [.. others], Language = user.Language ?? held.Language, TimeZone = user.TimeZone ?? "UTC", DigestAt = held.DigestAt });
            }
        }

        return staff;
    }

    private static string? FindAddress(UserAccount user) =>
        MimeKit.MailboxAddress.TryParse(user.Login, out var address) && address.Address == user.Login && address.Domain.Length > 0 ? user.Login : null;
}
