//! Codes of groups, calls, flows, block lists, user names and the management of templates and numbers.

use domain::outcome::RefusalClass::{Invalid, Recipient, Restricted, Throughput, Transient};

use super::{Entry, code, codes};

#[rustfmt::skip] // one line a language
pub(super) static ENTRIES: &[Entry] = &[
    code(131_020, "group not valid", Invalid, [
        "Não é possível escrever para este grupo: ele não tem outros participantes.",
        "This group cannot be written to: it has no other participants.",
        "No se puede escribir a este grupo: no tiene otros participantes.",
    ]),
    code(131_041, "group unknown", Invalid, [
        "O grupo não existe, ou a empresa não participa dele.",
        "The group does not exist, or the business is not in it.",
        "El grupo no existe, o la empresa no participa en él.",
    ]),
    code(131_059, "list position expired", Invalid, [
        "A posição na lista expirou. Comece a lista de novo.",
        "The position in the list has expired. Start the list again.",
        "La posición en la lista venció. Comience la lista de nuevo.",
    ]),
    code(131_208, "group operations too fast", Throughput, [
        "Houve operações demais com grupos em pouco tempo. Seguimos mais devagar.",
        "There were too many group operations in a short time. We go on more slowly.",
        "Hubo demasiadas operaciones con grupos en poco tiempo. Seguimos más despacio.",
    ]),
    codes(131_200, 131_299, "group operation refused", Invalid, [
        "O WhatsApp recusou a operação com o grupo. Confira os participantes e o estado do grupo.",
        "WhatsApp refused the group operation. Check the participants and the state of the group.",
        "WhatsApp rechazó la operación con el grupo. Revise los participantes y el estado del grupo.",
    ]),
    codes(138_000, 138_999, "call refused", Invalid, [
        "O WhatsApp recusou a ligação ou a configuração de ligações.",
        "WhatsApp refused the call or the calling settings.",
        "WhatsApp rechazó la llamada o la configuración de llamadas.",
    ]),
    codes(139_000, 139_099, "flow refused", Invalid, [
        "O WhatsApp recusou a operação com o formulário (Flow). Confira o estado dele na Meta.",
        "WhatsApp refused the operation on the form (Flow). Check its state at Meta.",
        "WhatsApp rechazó la operación con el formulario (Flow). Revise su estado en Meta.",
    ]),
    code(139_100, "blocking failed", Invalid, [
        "Nem todas as pessoas puderam ser bloqueadas ou desbloqueadas. Só é possível com quem escreveu nas últimas 24 horas.",
        "Not everybody could be blocked or unblocked. It works only for people who wrote in the last 24 hours.",
        "No se pudo bloquear o desbloquear a todas las personas. Solo es posible con quien escribió en las últimas 24 horas.",
    ]),
    code(139_101, "block list full", Invalid, [
        "A lista de bloqueio está cheia. Desbloqueie alguém antes.",
        "The block list is full. Unblock somebody first.",
        "La lista de bloqueo está llena. Desbloquee a alguien antes.",
    ]),
    code(139_102, "block list being changed", Transient, [
        "A lista de bloqueio foi mudada ao mesmo tempo por outra operação. Tente de novo.",
        "The block list was changed by another operation at the same time. Try again.",
        "Otra operación cambió la lista de bloqueo al mismo tiempo. Inténtelo de nuevo.",
    ]),
    code(139_103, "block list unavailable", Transient, [
        "A lista de bloqueio está indisponível na Meta por um momento. Tente de novo.",
        "The block list is unavailable at Meta for a moment. Try again.",
        "La lista de bloqueo no está disponible en Meta por un momento. Inténtelo de nuevo.",
    ]),
    codes(147_000, 147_999, "user name refused", Invalid, [
        "O WhatsApp não aceitou o nome de usuário da empresa. Escolha outro ou confira as regras na Meta.",
        "WhatsApp did not accept the business's user name. Choose another or check the rules at Meta.",
        "WhatsApp no aceptó el nombre de usuario de la empresa. Elija otro o revise las reglas en Meta.",
    ]),
    codes(200_005, 200_007, "template insights unavailable", Restricted, [
        "As estatísticas de modelos não estão ativas ou disponíveis para esta conta.",
        "Template insights are not switched on or not available for this account.",
        "Las estadísticas de plantillas no están activas o disponibles para esta cuenta.",
    ]),
    code(1_752_041, "onboarding repeated", Invalid, [
        "Este pedido de conexão já foi feito. Espere que termine.",
        "This request to connect was made already. Wait for it to finish.",
        "Esta solicitud de conexión ya se hizo. Espere a que termine.",
    ]),
    codes(2_388_000, 2_388_999, "template or number not accepted", Invalid, [
        "A Meta recusou o modelo ou a migração do número. Veja os detalhes: nome já usado, formato errado ou limite atingido.",
        "Meta refused the template or the number's migration. See the details: name in use, wrong format or limit reached.",
        "Meta rechazó la plantilla o la migración del número. Vea los detalles: nombre en uso, formato incorrecto o límite alcanzado.",
    ]),
    code(2_494_100, "number in maintenance", Throughput, [
        "O número está em manutenção na Meta. Seguimos em alguns minutos.",
        "The number is in maintenance at Meta. We go on in a few minutes.",
        "El número está en mantenimiento en Meta. Seguimos en unos minutos.",
    ]),
    codes(2_593_107, 2_593_108, "synchronisation refused", Invalid, [
        "A sincronização com o aplicativo do WhatsApp Business foi pedida vezes demais ou fora do prazo.",
        "The synchronisation with the WhatsApp Business app was asked for too often or too late.",
        "La sincronización con la aplicación WhatsApp Business se pidió demasiadas veces o fuera de plazo.",
    ]),
    code(2_593_109, "history not shared", Recipient, [
        "A empresa escolheu não compartilhar o histórico de conversas do aplicativo.",
        "The business chose not to share the app's chat history.",
        "La empresa eligió no compartir el historial de conversaciones de la aplicación.",
    ]),
];
