//! Codes about the token, the account, the number and its pace.

use domain::outcome::RefusalClass::{Auth, Invalid, Restricted, Throughput, Transient};

use super::{Entry, code, codes};

#[rustfmt::skip] // one line a language
pub(super) static ENTRIES: &[Entry] = &[
    code(0, "authentication failed", Auth, [
        "O token de acesso do WhatsApp não vale mais. Gere um novo na Meta e troque-o aqui.",
        "The WhatsApp access token is no longer valid. Make a new one at Meta and replace it here.",
        "El token de acceso de WhatsApp ya no es válido. Genere uno nuevo en Meta y cámbielo aquí.",
    ]),
    code(1, "unknown error at Meta", Transient, [
        "Houve uma falha desconhecida na Meta. Tentamos de novo algumas vezes.",
        "There was an unknown fault at Meta. We try again a few times.",
        "Hubo una falla desconocida en Meta. Lo intentamos de nuevo algunas veces.",
    ]),
    code(2, "service temporarily down", Transient, [
        "O serviço da Meta está fora do ar por um momento. Tentamos de novo algumas vezes.",
        "Meta's service is down for a moment. We try again a few times.",
        "El servicio de Meta está caído por un momento. Lo intentamos de nuevo algunas veces.",
    ]),
    code(3, "capability missing", Auth, [
        "O aplicativo não tem a permissão que esta operação pede. Revise as permissões na Meta.",
        "The app lacks the permission that this call needs. Check its permissions at Meta.",
        "La aplicación no tiene el permiso que esta operación pide. Revise los permisos en Meta.",
    ]),
    code(4, "app call limit", Throughput, [
        "O aplicativo fez chamadas demais à Meta. Diminuímos o ritmo e seguimos em seguida.",
        "The app made too many calls to Meta. We slow down and go on shortly.",
        "La aplicación hizo demasiadas llamadas a Meta. Bajamos el ritmo y seguimos enseguida.",
    ]),
    code(10, "permission missing", Auth, [
        "A permissão para esta conta do WhatsApp foi negada ou retirada. Conceda-a de novo na Meta.",
        "The permission for this WhatsApp account was denied or taken away. Grant it again at Meta.",
        "El permiso para esta cuenta de WhatsApp fue negado o retirado. Concédalo de nuevo en Meta.",
    ]),
    code(33, "number deleted", Restricted, [
        "Este número não existe mais na Meta, ou o identificador está errado. Confira o número conectado.",
        "This number no longer exists at Meta, or its id is wrong. Check the connected number.",
        "Este número ya no existe en Meta, o el identificador es incorrecto. Revise el número conectado.",
    ]),
    code(104, "token missing", Auth, [
        "A chamada foi sem um token de acesso válido. Troque o token do número.",
        "The call carried no valid access token. Replace the number's token.",
        "La llamada fue sin un token de acceso válido. Cambie el token del número.",
    ]),
    code(190, "token expired", Auth, [
        "O token de acesso do WhatsApp expirou ou foi revogado. Gere um novo na Meta e troque-o aqui: as mensagens esperam.",
        "The WhatsApp access token has expired or was revoked. Make a new one at Meta and replace it here: messages wait.",
        "El token de acceso de WhatsApp venció o fue revocado. Genere uno nuevo en Meta y cámbielo aquí: los mensajes esperan.",
    ]),
    codes(200, 299, "permission on the account missing", Auth, [
        "O token não tem permissão sobre esta conta do WhatsApp. Conceda o acesso na Meta: as mensagens esperam.",
        "The token has no permission for this WhatsApp account. Grant it access at Meta: messages wait.",
        "El token no tiene permiso sobre esta cuenta de WhatsApp. Conceda el acceso en Meta: los mensajes esperan.",
    ]),
    code(368, "account restricted for policy", Restricted, [
        "A Meta restringiu a conta por violação das políticas. Veja o motivo no Gerenciador do WhatsApp.",
        "Meta has restricted the account for breaking its policies. See the reason in WhatsApp Manager.",
        "Meta restringió la cuenta por violar sus políticas. Vea el motivo en el Administrador de WhatsApp.",
    ]),
    code(403, "permission denied", Auth, [
        "O token não tem permissão para esta operação. Revise as permissões na Meta.",
        "The token has no permission for this call. Check its permissions at Meta.",
        "El token no tiene permiso para esta operación. Revise los permisos en Meta.",
    ]),
    code(80007, "account call limit", Throughput, [
        "A conta do WhatsApp atingiu o limite de chamadas. Diminuímos o ritmo e seguimos em seguida.",
        "The WhatsApp account reached its call limit. We slow down and go on shortly.",
        "La cuenta de WhatsApp alcanzó el límite de llamadas. Bajamos el ritmo y seguimos enseguida.",
    ]),
    code(130_429, "throughput reached", Throughput, [
        "O número está enviando rápido demais para a Meta. Diminuímos o ritmo e seguimos em seguida.",
        "The number sends faster than Meta allows. We slow down and go on shortly.",
        "El número envía más rápido de lo que Meta permite. Bajamos el ritmo y seguimos enseguida.",
    ]),
    code(131_005, "access denied", Auth, [
        "A permissão do token foi negada ou retirada. Conceda-a de novo na Meta.",
        "The token's permission was denied or taken away. Grant it again at Meta.",
        "El permiso del token fue negado o retirado. Concédalo de nuevo en Meta.",
    ]),
    code(131_031, "account locked", Restricted, [
        "A Meta bloqueou a conta do WhatsApp, ou o PIN não confere. Verifique o estado da conta no Gerenciador do WhatsApp.",
        "Meta has locked the WhatsApp account, or the PIN does not match. Check the account in WhatsApp Manager.",
        "Meta bloqueó la cuenta de WhatsApp, o el PIN no coincide. Revise el estado de la cuenta en el Administrador de WhatsApp.",
    ]),
    code(131_037, "display name not approved", Restricted, [
        "O nome de exibição deste número ainda não foi aprovado. Peça a aprovação na Meta antes de enviar.",
        "The number's display name is not approved yet. Ask Meta to approve it before you send.",
        "El nombre para mostrar de este número aún no fue aprobado. Pida la aprobación en Meta antes de enviar.",
    ]),
    code(131_042, "payment problem", Restricted, [
        "Há um problema com o pagamento da conta na Meta. Confira a forma de pagamento no Gerenciador do WhatsApp.",
        "There is a problem with the account's payment at Meta. Check the payment method in WhatsApp Manager.",
        "Hay un problema con el pago de la cuenta en Meta. Revise el método de pago en el Administrador de WhatsApp.",
    ]),
    code(131_044, "payment problem for calls", Restricted, [
        "Há um problema com o pagamento das ligações na Meta. Confira a forma de pagamento.",
        "There is a problem with the payment for calls at Meta. Check the payment method.",
        "Hay un problema con el pago de las llamadas en Meta. Revise el método de pago.",
    ]),
    code(131_045, "number not registered for sending", Auth, [
        "O registro do número na Meta não está completo. Registre o número de novo: as mensagens esperam.",
        "The number's registration at Meta is not complete. Register it again: messages wait.",
        "El registro del número en Meta no está completo. Regístrelo de nuevo: los mensajes esperan.",
    ]),
    code(131_048, "spam rate limit", Restricted, [
        "Muitas pessoas bloquearam ou denunciaram este número, e a Meta limitou os envios. Pause as campanhas e melhore as mensagens.",
        "Many people blocked or reported this number, and Meta limits what it sends. Pause campaigns and improve the messages.",
        "Muchas personas bloquearon o denunciaron este número, y Meta limitó los envíos. Pause las campañas y mejore los mensajes.",
    ]),
    code(131_057, "account in maintenance", Throughput, [
        "A conta está em manutenção na Meta, por exemplo para ficar mais rápida. Seguimos em um ou dois minutos.",
        "The account is in maintenance at Meta, for instance to become faster. We go on in a minute or two.",
        "La cuenta está en mantenimiento en Meta, por ejemplo para ser más rápida. Seguimos en uno o dos minutos.",
    ]),
    code(131_063, "marketing templates switched off here", Restricted, [
        "A conta não envia modelos de marketing por esta via. Use a API de mensagens de marketing ou mude a opção na Meta.",
        "The account does not send marketing templates this way. Use the marketing messages API or change the switch at Meta.",
        "La cuenta no envía plantillas de marketing por esta vía. Use la API de mensajes de marketing o cambie la opción en Meta.",
    ]),
    code(131_064, "limited for wrong template categories", Restricted, [
        "A Meta limitou os envios porque modelos estão na categoria errada. Corrija as categorias e espere.",
        "Meta limits what is sent because templates are in the wrong category. Correct the categories and wait.",
        "Meta limitó los envíos porque hay plantillas en la categoría equivocada. Corrija las categorías y espere.",
    ]),
    code(133_000, "deregistration incomplete", Transient, [
        "Um cancelamento anterior do registro do número não terminou. Cancele o registro outra vez antes de registrar.",
        "An earlier deregistration of the number did not finish. Deregister it again before you register it.",
        "Una baja anterior del registro del número no terminó. Dé de baja el registro otra vez antes de registrar.",
    ]),
    code(133_004, "server temporarily unavailable", Transient, [
        "O servidor da Meta está indisponível por um momento. Tentamos de novo algumas vezes.",
        "Meta's server is unavailable for a moment. We try again a few times.",
        "El servidor de Meta no está disponible por un momento. Lo intentamos de nuevo algunas veces.",
    ]),
    code(133_005, "wrong PIN", Invalid, [
        "O PIN da verificação em duas etapas está errado. Confira-o ou redefina-o na Meta.",
        "The two-step verification PIN is wrong. Check it or reset it at Meta.",
        "El PIN de la verificación en dos pasos es incorrecto. Revíselo o restablézcalo en Meta.",
    ]),
    code(133_006, "number not verified", Auth, [
        "O número precisa ser verificado por código antes do registro. Verifique-o na Meta.",
        "The number must be verified with a code before it is registered. Verify it at Meta.",
        "El número debe verificarse con un código antes del registro. Verifíquelo en Meta.",
    ]),
    codes(133_008, 133_009, "too many PIN guesses", Restricted, [
        "Houve tentativas demais, ou rápidas demais, com o PIN. Espere o tempo indicado e tente de novo.",
        "There were too many PIN guesses, or too fast ones. Wait as long as told and try again.",
        "Hubo demasiados intentos, o demasiado rápidos, con el PIN. Espere el tiempo indicado e intente de nuevo.",
    ]),
    code(133_010, "number not registered", Auth, [
        "O número não está registrado na plataforma do WhatsApp. Registre-o: as mensagens esperam.",
        "The number is not registered on the WhatsApp platform. Register it: messages wait.",
        "El número no está registrado en la plataforma de WhatsApp. Regístrelo: los mensajes esperan.",
    ]),
    code(133_015, "number being deleted", Transient, [
        "O número foi apagado há pouco e a Meta ainda não terminou. Espere cinco minutos e registre de novo.",
        "The number was deleted a moment ago and Meta has not finished. Wait five minutes and register again.",
        "El número se borró hace poco y Meta aún no terminó. Espere cinco minutos y regístrelo de nuevo.",
    ]),
    code(133_016, "too many registrations", Restricted, [
        "O número foi registrado e cancelado vezes demais. Espere 72 horas antes de registrá-lo de novo.",
        "The number was registered and deregistered too often. Wait 72 hours before you register it again.",
        "El número se registró y se dio de baja demasiadas veces. Espere 72 horas antes de registrarlo de nuevo.",
    ]),
    code(134_011, "payments terms not accepted", Restricted, [
        "Os termos de pagamentos da Meta ainda não foram aceitos. Aceite-os no Gerenciador do WhatsApp.",
        "Meta's payments terms are not accepted yet. Accept them in WhatsApp Manager.",
        "Los términos de pagos de Meta aún no fueron aceptados. Acéptelos en el Administrador de WhatsApp.",
    ]),
    code(136_024, "code not sent", Invalid, [
        "A Meta não conseguiu enviar o código de verificação. Tente de novo mais tarde.",
        "Meta could not send the verification code. Try again later.",
        "Meta no pudo enviar el código de verificación. Inténtelo de nuevo más tarde.",
    ]),
    code(136_025, "code not accepted", Invalid, [
        "O código de verificação está errado ou venceu. Peça um novo código.",
        "The verification code is wrong or has expired. Ask for a new one.",
        "El código de verificación es incorrecto o venció. Pida un código nuevo.",
    ]),
];
