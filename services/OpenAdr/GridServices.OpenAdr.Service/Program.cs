using GridServices.Hosting;
using GridServices.OpenAdr.Service;

return await GridService.RunAsync(args, OpenAdrApp.Build);
