use domain::intent::SuppressionReason;
use domain::locale::Language;
use serde::Serialize;
use utoipa::ToSchema;
use whatsapp::catalogue;

/// Plain words in the languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Words {
    pt: &'static str,
    en: &'static str,
    es: &'static str,
}

/// Why a message failed: what a code of Meta's means. Code 0 is our own, for a message that never reached Meta.
pub(super) fn failure(code: i64) -> Words {
    if code == 0 {
        return NOT_REACHED;
    }
    let explain = |language| catalogue::explain(code, language);
    Words { pt: explain(Language::Portuguese), en: explain(Language::English), es: explain(Language::Spanish) }
}

const NOT_REACHED: Words = Words {
    pt: "Não foi possível falar com o WhatsApp enquanto a mensagem ainda valia.",
    en: "WhatsApp could not be reached while the message was still good.",
    es: "No fue posible contactar a WhatsApp mientras el mensaje aún era válido.",
};

/// Why a message was never sent.
pub(super) fn suppression(reason: SuppressionReason) -> Words {
    match reason {
        SuppressionReason::TakenOver => Words {
            pt: "Uma pessoa assumiu a conversa antes do envio, e a resposta do assistente foi retida.",
            en: "A person took the conversation over before this was sent, so the assistant's reply was held back.",
            es: "Una persona tomó la conversación antes del envío y la respuesta del asistente quedó retenida.",
        },
        SuppressionReason::Stopped => Words {
            pt: "O cliente pediu para não receber mensagens promocionais.",
            en: "The customer asked for no more promotional messages.",
            es: "El cliente pidió no recibir más mensajes promocionales.",
        },
        SuppressionReason::WindowClosed => Words {
            pt: "O cliente não escreveu nas últimas 24 horas; fora dessa janela só é possível enviar um modelo aprovado.",
            en: "The customer did not write in the last 24 hours; after that only an approved template may be sent.",
            es: "El cliente no escribió en las últimas 24 horas; después solo se puede enviar una plantilla aprobada.",
        },
        SuppressionReason::Expired => Words {
            pt: "A mensagem esperou tempo demais pelo envio e perdeu a validade.",
            en: "The message waited too long to be sent and is out of date.",
            es: "El mensaje esperó demasiado para enviarse y perdió vigencia.",
        },
        SuppressionReason::Restore => Words {
            pt: "A mensagem ainda não tinha sido enviada quando um backup foi restaurado; envie de novo se ainda fizer sentido.",
            en: "The message was not sent yet when a backup was restored; send it again if it still makes sense.",
            es: "El mensaje aún no se había enviado cuando se restauró una copia; envíelo de nuevo si todavía tiene sentido.",
        },
        SuppressionReason::NoNumber => Words {
            pt: "O número da empresa não está mais conectado.",
            en: "The business number is no longer connected.",
            es: "El número de la empresa ya no está conectado.",
        },
        SuppressionReason::Blocked => {
            Words {
                pt: "O contato está bloqueado.", en: "The contact is blocked.", es: "El contacto está bloqueado."
            }
        }
        SuppressionReason::TemplateUnusable => Words {
            pt: "O WhatsApp pausou, desativou ou excluiu o modelo antes do envio.",
            en: "WhatsApp paused, disabled or deleted the template before this was sent.",
            es: "WhatsApp pausó, desactivó o eliminó la plantilla antes del envío.",
        },
        SuppressionReason::TemplateRecategorized => Words {
            pt: "O WhatsApp passou o modelo para marketing antes do envio; envie de novo como marketing se ainda fizer sentido.",
            en: "WhatsApp made the template marketing before this was sent; send it again as marketing if it still makes sense.",
            es: "WhatsApp pasó la plantilla a marketing antes del envío; envíelo de nuevo como marketing si todavía tiene sentido.",
        },
        SuppressionReason::NoMedia => Words {
            pt: "O arquivo da mensagem não está disponível, ou o WhatsApp não o aceitou.",
            en: "The message's file is not available, or WhatsApp did not take it.",
            es: "El archivo del mensaje no está disponible o WhatsApp no lo aceptó.",
        },
    }
}
