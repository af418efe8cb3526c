//! Codes about a message, its recipient or its template.

use domain::outcome::RefusalClass::{Invalid, OptedOut, PairRate, Recipient, Restricted, Transient, WindowClosed};

use super::{Entry, code};

#[rustfmt::skip] // one line a language
pub(super) static ENTRIES: &[Entry] = &[
    code(100, "invalid parameter", Invalid, [
        "A mensagem tem um campo errado ou desconhecido. É um erro de montagem: avise o suporte.",
        "The message has a wrong or unknown field. It was put together wrongly: tell support.",
        "El mensaje tiene un campo incorrecto o desconocido. Es un error de armado: avise a soporte.",
    ]),
    code(400, "invalid request", Invalid, [
        "O pedido está incompleto ou errado. É um erro de montagem: avise o suporte.",
        "The request is incomplete or wrong. It was put together wrongly: tell support.",
        "La solicitud está incompleta o es incorrecta. Es un error de armado: avise a soporte.",
    ]),
    code(130_403, "person blocked by the business", Recipient, [
        "A empresa bloqueou esta pessoa. Desbloqueie-a antes de escrever.",
        "The business has blocked this person. Unblock them before you write.",
        "La empresa bloqueó a esta persona. Desbloquéela antes de escribir.",
    ]),
    code(130_472, "person in an experiment", Recipient, [
        "A Meta não entrega marketing a esta pessoa por causa de um experimento. Espere que ela escreva, ou use outro canal.",
        "Meta does not deliver marketing to this person because of an experiment. Wait for them to write, or use another channel.",
        "Meta no entrega marketing a esta persona por un experimento. Espere a que escriba, o use otro canal.",
    ]),
    code(130_497, "country restricted", Recipient, [
        "A conta não pode escrever para pessoas deste país.",
        "The account may not write to people in this country.",
        "La cuenta no puede escribir a personas de este país.",
    ]),
    code(131_000, "something went wrong at Meta", Transient, [
        "Algo deu errado na Meta. Tentamos de novo algumas vezes.",
        "Something went wrong at Meta. We try again a few times.",
        "Algo salió mal en Meta. Lo intentamos de nuevo algunas veces.",
    ]),
    code(131_008, "parameter missing", Invalid, [
        "Falta um campo obrigatório na mensagem. É um erro de montagem: avise o suporte.",
        "A required field of the message is missing. It was put together wrongly: tell support.",
        "Falta un campo obligatorio en el mensaje. Es un error de armado: avise a soporte.",
    ]),
    code(131_009, "parameter value invalid", Invalid, [
        "Um valor da mensagem não é aceito: por exemplo, a mensagem reagida é antiga demais ou foi apagada.",
        "A value in the message is not accepted: for instance, the message reacted to is too old or deleted.",
        "Un valor del mensaje no es aceptado: por ejemplo, el mensaje al que se reacciona es muy antiguo o fue borrado.",
    ]),
    code(131_016, "service unavailable", Transient, [
        "O serviço da Meta está sobrecarregado por um momento. Tentamos de novo algumas vezes.",
        "Meta's service is overloaded for a moment. We try again a few times.",
        "El servicio de Meta está sobrecargado por un momento. Lo intentamos de nuevo algunas veces.",
    ]),
    code(131_021, "recipient is the sender", Invalid, [
        "O número de destino é o mesmo que envia.",
        "The recipient's number is the number that sends.",
        "El número de destino es el mismo que envía.",
    ]),
    code(131_026, "cannot be delivered", Recipient, [
        "A mensagem não pôde ser entregue: o número não tem WhatsApp, usa uma versão antiga ou não aceitou os termos.",
        "The message could not be delivered: the number is not on WhatsApp, runs an old version or has not accepted the terms.",
        "No se pudo entregar el mensaje: el número no tiene WhatsApp, usa una versión antigua o no aceptó los términos.",
    ]),
    code(131_030, "recipient not on the test list", Recipient, [
        "O número de teste só envia para destinatários autorizados. Inclua este número na lista da Meta.",
        "The test number sends to listed recipients only. Add this number to the list at Meta.",
        "El número de prueba solo envía a destinatarios autorizados. Agregue este número a la lista en Meta.",
    ]),
    code(131_047, "24-hour window closed", WindowClosed, [
        "Passaram mais de 24 horas desde a última mensagem desta pessoa. Só um modelo aprovado pode ser enviado.",
        "More than 24 hours have passed since this person last wrote. Only an approved template can be sent.",
        "Pasaron más de 24 horas desde el último mensaje de esta persona. Solo puede enviarse una plantilla aprobada.",
    ]),
    code(131_049, "marketing limit of the person", Recipient, [
        "A Meta limita quanto marketing cada pessoa recebe, e esta já recebeu o bastante. Espere pelo menos 24 horas.",
        "Meta limits how much marketing each person gets, and this one has had enough. Wait at least 24 hours.",
        "Meta limita cuánto marketing recibe cada persona, y esta ya recibió suficiente. Espere al menos 24 horas.",
    ]),
    code(131_050, "person stopped marketing", OptedOut, [
        "Esta pessoa pediu, no próprio WhatsApp, para não receber marketing. Respeitamos a escolha e não enviamos mais.",
        "This person asked, in WhatsApp itself, for no more marketing. We respect that and send no more.",
        "Esta persona pidió, en el propio WhatsApp, no recibir marketing. Respetamos su decisión y no enviamos más.",
    ]),
    code(131_051, "message type not supported", Invalid, [
        "O WhatsApp não aceita este tipo de mensagem.",
        "WhatsApp does not support this type of message.",
        "WhatsApp no admite este tipo de mensaje.",
    ]),
    code(131_052, "person's file not available", Invalid, [
        "O arquivo que a pessoa enviou não pôde ser baixado. Peça que envie de novo.",
        "The file that the person sent could not be downloaded. Ask them to send it again.",
        "No se pudo descargar el archivo que la persona envió. Pídale que lo envíe de nuevo.",
    ]),
    code(131_053, "file not taken", Transient, [
        "A Meta não conseguiu carregar o arquivo: confira o formato, o tamanho e se o endereço está acessível.",
        "Meta could not take the file: check its format, its size and whether its address can be reached.",
        "Meta no pudo cargar el archivo: revise el formato, el tamaño y si la dirección es accesible.",
    ]),
    code(131_055, "method not allowed", Invalid, [
        "A API de mensagens de marketing não aceita este tipo de envio.",
        "The marketing messages API does not take this kind of send.",
        "La API de mensajes de marketing no acepta este tipo de envío.",
    ]),
    code(131_056, "too many messages to one person", PairRate, [
        "Foram mensagens demais para a mesma pessoa em pouco tempo. As próximas esperam um pouco.",
        "Too many messages went to the same person in a short time. The next ones wait a little.",
        "Se enviaron demasiados mensajes a la misma persona en poco tiempo. Los próximos esperan un poco.",
    ]),
    code(131_060, "message not available", Invalid, [
        "O conteúdo desta mensagem não está disponível para a empresa. A pessoa pode enviá-la de novo.",
        "The content of this message is not available to the business. The person can send it again.",
        "El contenido de este mensaje no está disponible para la empresa. La persona puede enviarlo de nuevo.",
    ]),
    code(131_062, "phone number needed", Invalid, [
        "Este tipo de mensagem exige o número de telefone da pessoa, e só conhecemos o identificador dela.",
        "This kind of message needs the person's phone number, and we only know their user id.",
        "Este tipo de mensaje exige el número de teléfono de la persona, y solo conocemos su identificador.",
    ]),
    code(132_000, "template parameter count", Invalid, [
        "O modelo pede outra quantidade de parâmetros. Confira os campos do modelo.",
        "The template takes another number of parameters. Check the template's fields.",
        "La plantilla pide otra cantidad de parámetros. Revise los campos de la plantilla.",
    ]),
    code(132_001, "template does not exist", Restricted, [
        "O modelo não existe neste idioma ou ainda não foi aprovado. Sincronize os modelos e confira.",
        "The template does not exist in this language or is not approved yet. Sync the templates and check.",
        "La plantilla no existe en este idioma o aún no fue aprobada. Sincronice las plantillas y revise.",
    ]),
    code(132_005, "template text too long", Invalid, [
        "O texto do modelo fica longo demais com estes parâmetros. Encurte-os.",
        "The template's text becomes too long with these parameters. Shorten them.",
        "El texto de la plantilla queda demasiado largo con estos parámetros. Acórtelos.",
    ]),
    code(132_007, "template breaks policy", Restricted, [
        "O conteúdo do modelo viola as políticas do WhatsApp. Corrija o modelo na Meta.",
        "The template's content breaks WhatsApp's policies. Correct the template at Meta.",
        "El contenido de la plantilla viola las políticas de WhatsApp. Corrija la plantilla en Meta.",
    ]),
    code(132_008, "template parameter format", Invalid, [
        "Um parâmetro do modelo está no formato errado.",
        "A parameter of the template has the wrong format.",
        "Un parámetro de la plantilla está en el formato incorrecto.",
    ]),
    code(132_012, "template parameter type", Invalid, [
        "Um parâmetro do modelo não é do tipo que o modelo pede. Confira os campos do modelo.",
        "A parameter of the template is not of the type that the template takes. Check the template's fields.",
        "Un parámetro de la plantilla no es del tipo que la plantilla pide. Revise los campos de la plantilla.",
    ]),
    code(132_015, "template paused", Restricted, [
        "A Meta pausou este modelo por baixa qualidade. A campanha espera; melhore o modelo.",
        "Meta has paused this template for low quality. The campaign waits; improve the template.",
        "Meta pausó esta plantilla por baja calidad. La campaña espera; mejore la plantilla.",
    ]),
    code(132_016, "template disabled", Restricted, [
        "A Meta desativou este modelo de vez por baixa qualidade. Crie um novo modelo.",
        "Meta has disabled this template for good because of low quality. Create a new template.",
        "Meta desactivó esta plantilla de forma definitiva por baja calidad. Cree una plantilla nueva.",
    ]),
    code(132_018, "template invalid", Invalid, [
        "Os dados do modelo não passaram na validação da Meta. Confira os campos do modelo.",
        "The template's data did not pass Meta's validation. Check the template's fields.",
        "Los datos de la plantilla no pasaron la validación de Meta. Revise los campos de la plantilla.",
    ]),
    code(132_068, "flow blocked", Restricted, [
        "O formulário (Flow) desta mensagem está bloqueado. Corrija-o na Meta.",
        "The form (Flow) of this message is blocked. Correct it at Meta.",
        "El formulario (Flow) de este mensaje está bloqueado. Corríjalo en Meta.",
    ]),
    code(132_069, "flow throttled", Restricted, [
        "O formulário (Flow) desta mensagem está limitado a poucos envios por hora.",
        "The form (Flow) of this message is limited to a few sends an hour.",
        "El formulario (Flow) de este mensaje está limitado a pocos envíos por hora.",
    ]),
    code(134_100, "marketing templates only", Invalid, [
        "Esta via só envia modelos de marketing.",
        "Only marketing templates can be sent this way.",
        "Por esta vía solo se envían plantillas de marketing.",
    ]),
    code(134_101, "template being synchronised", Transient, [
        "O modelo é novo e a Meta ainda o está sincronizando. Em até dez minutos ele pode ser enviado.",
        "The template is new and Meta is still synchronising it. It can be sent within ten minutes.",
        "La plantilla es nueva y Meta aún la está sincronizando. En hasta diez minutos podrá enviarse.",
    ]),
    code(134_102, "template unavailable", Restricted, [
        "O modelo não está disponível para mensagens de marketing. Confira-o na Meta.",
        "The template is not available for marketing messages. Check it at Meta.",
        "La plantilla no está disponible para mensajes de marketing. Revísela en Meta.",
    ]),
    code(135_000, "request parameters", Transient, [
        "A Meta não entendeu os parâmetros do pedido. Tentamos de novo algumas vezes.",
        "Meta did not make sense of the request's parameters. We try again a few times.",
        "Meta no entendió los parámetros de la solicitud. Lo intentamos de nuevo algunas veces.",
    ]),
    code(137_000, "identity changed", Recipient, [
        "A identidade desta pessoa no WhatsApp mudou e precisa ser confirmada antes do envio.",
        "This person's identity on WhatsApp has changed and must be confirmed before anything is sent.",
        "La identidad de esta persona en WhatsApp cambió y debe confirmarse antes del envío.",
    ]),
];
