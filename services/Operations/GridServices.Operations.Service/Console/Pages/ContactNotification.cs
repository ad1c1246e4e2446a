using GridServices.Operations.Registry;
using GridServices.Operations.Service.Notify;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>A line of who was told what of an event.</summary>
/// <param name="Name">Masked for who may not read it.</param>
/// <param name="Role">A contact's role; null = one of our own people.</param>
/// <param name="What">The trigger's word; null = a digest.</param>
/// <param name="Item">The delivery.</param>
internal sealed record ContactNotification(string Name, ContactRole? Role, string? What, NotificationItem Item);
