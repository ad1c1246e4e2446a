using GridServices.EnvelopeHub.Service;
using GridServices.Hosting;

return await GridService.RunAsync(args, EnvelopeHubApp.Build);
