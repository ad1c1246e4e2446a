using GridServices.Adapters.Service;
using Microsoft.Extensions.Hosting;

if (AdaptersApp.Build(args, Console.Error) is not { } app)
{
    return 2;
}

using (app)
{
    await app.RunAsync();
}

return 0;
