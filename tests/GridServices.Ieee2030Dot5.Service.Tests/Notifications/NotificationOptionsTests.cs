using GridServices.Ieee2030Dot5.Service.Notifications;

namespace GridServices.Ieee2030Dot5.Service.Tests.Notifications;

public sealed class NotificationOptionsTests
{
    [Theory]
    [InlineData("0.0.0.0:8444", true)]
    [InlineData("127.0.0.1:0", true)]
    [InlineData("[::]:8444", true)]
    [InlineData("8444", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1:8444", false)]
    [InlineData("[::1]", false)]
    [InlineData("localhost:8444", false)]
    public void Where_to_listen_is_an_address_and_a_port(string listen, bool isTaken) => Assert.Equal(isTaken, !new NotificationOptions { Listen = listen }.Validate().Any());
}
